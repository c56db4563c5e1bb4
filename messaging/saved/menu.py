"""The entry of a message's menu that saves it."""

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.messages.actions import Action
from messaging.messages.models import Message
from messaging.saved.models import SavedMessage

ICON = "messaging/icons/save.svg"


def action(message: Message, user: User) -> Action:
    """Return what saves a message, or says that it is done if it waits for that."""
    is_waiting = SavedMessage.objects.filter(user=user, message=message, done_at=None).exists()
    label, state = ("Saved: mark as done", "done") if is_waiting else ("Save for later", "later")
    return Action(label, ICON, reverse("message-saved", args=[message.pk]), is_post=True, name="state", value=state)
