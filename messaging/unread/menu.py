"""The entry of a message's menu that marks it, and what follows, as unread."""

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.messages.actions import Action
from messaging.messages.models import Message

ICON = "messaging/icons/unread.svg"


def action(message: Message, user: User) -> Action | None:
    """Return what marks a message and those after it as unread, for members of its chat."""
    if message.chat.membership_of(user) is None:
        return None
    return Action("Mark unread from here", ICON, reverse("message-unread", args=[message.pk]), is_post=True)
