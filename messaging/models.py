"""People's names, who may come, chats, who is in them, and what was said."""

from messaging.accounts.models.invitation import Invitation
from messaging.accounts.models.name import Name, NameLock
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message

__all__ = ["Chat", "Invitation", "Membership", "Message", "Name", "NameLock"]
