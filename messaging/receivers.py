"""What has happened, said after commit, and who listens."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from messaging import tasks
from messaging.exports import files as exports
from messaging.messages import broadcasts
from messaging.models import Chat, Membership, Message
from notifications.live.door import recheck
from notifications.queue import enqueue

new_message = Signal()
message_changed = Signal()
chat_renamed = Signal()


def connect() -> None:
    """Connect the receivers below."""
    new_message.connect(push_new_message)
    new_message.connect(notify_of_new_message)
    message_changed.connect(push_message_change)
    chat_renamed.connect(push_name)
    post_save.connect(membership_changed, sender=Membership)
    post_delete.connect(membership_changed, sender=Membership)
    post_delete.connect(chat_deleted, sender=Chat)


def push_new_message(message: Message, **kwargs: Any) -> None:
    """Show the message on every page that has the chat open, and the mark of it on all others."""
    broadcasts.new_message(message)


def notify_of_new_message(message: Message, **kwargs: Any) -> None:
    """Have the worker tell those whom the message is meant for; what the queue does not take, the sweeper finds."""
    enqueue(tasks.notify_members, message.pk)


def push_message_change(message: Message, **kwargs: Any) -> None:
    """Show the message as it is now on every page that has the chat open."""
    broadcasts.message_changed(message)


def push_name(chat: Chat, **kwargs: Any) -> None:
    """Show the room's new name."""
    broadcasts.chat_renamed(chat)


def membership_changed(instance: Membership, **kwargs: Any) -> None:
    """Let the person's open sockets follow what they may follow now, and list their chats afresh."""
    recheck([instance.user_id])
    # Rendered after the commit: within it, the list would miss what commits at the same time.
    transaction.on_commit(lambda: broadcasts.chats_changed(instance.user_id), robust=True)


def chat_deleted(instance: Chat, **kwargs: Any) -> None:
    """Close the pages of a chat that is gone."""
    recheck(group=instance.stream)
    exports.delete_of(instance)
