"""The entry of a message's menu that says how many have read it."""

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.messages.actions import Action
from messaging.messages.models import Message
from messaging.receipts.reading import readers, sees

ICON = "messaging/icons/eye.svg"


def action(message: Message, user: User) -> Action | None:
    """Return what leads to those who have read a message, for whoever is shown that."""
    if not sees(user, message.chat):
        return None
    return Action(f"Read by {readers(message, user).count()}", ICON, reverse("message-readers", args=[message.pk]))
