"""Chats, who is in them, what was said, and who may come."""

from messaging.accounts.models import Invitation
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message

__all__ = ["Chat", "Invitation", "Membership", "Message"]
