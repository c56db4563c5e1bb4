"""What a chat's page has of who has read what."""

from django import template
from django.contrib.auth.models import User

from messaging.chats.models.chat import Chat
from messaging.receipts import reading

register = template.Library()


@register.simple_tag
def read_by_other(user: User, chat: Chat) -> int | None:
    """Return how far the other one of two has read, 0 if that is not shown; None if it is no conversation of two."""
    return reading.read_by_other(user, chat)
