"""Messages that owners and moderators remove: as deleted ones, and it is said that they were removed."""

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from messaging.chats.models.chat import Chat
from messaging.chats.models.order import GOVERNS
from messaging.messages.actions import Action
from messaging.messages.models import Message
from messaging.messages.parts import Part

NAME = "removed"


class RemovedPart(Part):
    """Says below what is left of a message that a moderator has removed it."""

    template = "messaging/governing/_removed.html"
    is_lasting = True


def remove_message(message: Message, by: User) -> None:
    """Remove somebody's message; Chat.DoesNotExist unless who does so keeps its room in order now."""
    home = message.chat.home
    with transaction.atomic():
        # A thread before its chat, as posting locks them.
        message.chat.lock()
        Chat.objects.select_for_update(no_key=True).get(pk=home.pk)
        if home.is_direct or not home.memberships.filter(GOVERNS, user=by).exists():
            raise Chat.DoesNotExist
        message.delete_body(**{NAME: {}})


def action(message: Message, user: User) -> Action | None:
    """Return what leads to the removal of somebody else's message, for who keeps its room in order."""
    if message.author_id == user.pk or not message.chat.is_governed_by(user):
        return None
    return Action("Remove", "notifications/icons/close.svg", reverse("message-removal", args=[message.pk]))
