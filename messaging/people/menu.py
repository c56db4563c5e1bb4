"""The entry of a message's menu that leads to its author's profile."""

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.accounts.people import display_name
from messaging.messages.actions import Action
from messaging.messages.models import Message

ICON = "messaging/icons/person.svg"


def action(message: Message, user: User) -> Action | None:
    """Return what leads there, of those who are listed."""
    if not message.author.is_active:
        return None
    return Action(f"Profile of {display_name(message.author)}", ICON, reverse("person", args=[message.author_id]))
