"""How far people have read."""

from django.contrib.auth.models import User

from messaging.chats.models.chat import Chat
from notifications.push import mark_read


def note_read(user: User, chat: Chat, number: int) -> None:
    """Mark a chat as read up to `number`, and what the bell said about it, on all of the person's pages."""
    if membership := chat.membership_of(user):
        membership.mark_read(min(number, chat.last_number))
    mark_read(user, subject=chat.stream)
