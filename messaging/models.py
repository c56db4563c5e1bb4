"""Chats, who is in them, and what was said."""

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message

__all__ = ["Chat", "Membership", "Message"]
