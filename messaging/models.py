"""People's names, who may come, chats, who is in them, and what was said."""

from messaging.accounts.models.block import Block
from messaging.accounts.models.bot import Bot
from messaging.accounts.models.invitation import Invitation
from messaging.accounts.models.name import Name, NameLock
from messaging.accounts.models.profile import Profile
from messaging.accounts.models.time_zone import TimeZone
from messaging.attachments.models import Attachment
from messaging.chats.models.chat import Chat
from messaging.chats.models.folding import Folding
from messaging.chats.models.membership import Membership
from messaging.commands.models import BotCommand
from messaging.hooks.models import Hook, HookPost, HookRefusal
from messaging.later.models import Later, LaterList
from messaging.messages.models import Message
from messaging.pins.models import Pin
from messaging.presence.models import Showing
from messaging.replies.models import Reply
from messaging.saved.models import SavedList, SavedMessage
from messaging.search.models import Indexing
from messaging.webhooks.models import Replier
from messaging.writing.models import Draft, Edit

__all__ = [
    "Attachment",
    "Block",
    "Bot",
    "BotCommand",
    "Chat",
    "Draft",
    "Edit",
    "Folding",
    "Hook",
    "HookPost",
    "HookRefusal",
    "Indexing",
    "Invitation",
    "Later",
    "LaterList",
    "Membership",
    "Message",
    "Name",
    "NameLock",
    "Pin",
    "Profile",
    "Replier",
    "Reply",
    "SavedList",
    "SavedMessage",
    "Showing",
    "TimeZone",
]
