"""Who listens to what has happened: pages are shown it, people are told of it, rights are judged again."""

from contextlib import suppress
from typing import Any

from allauth.account import signals as allauth
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save

from messaging import signals
from messaging.accounts import devices, security_log
from messaging.accounts.models import name as names
from messaging.accounts.models.invitation import Invitation
from messaging.chats import broadcasts as chats
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.exports import files
from messaging.messages import broadcasts as messages
from messaging.messages.models import Message
from notifications.push import enqueue, recheck_rights


def connect() -> None:
    signals.new_message.connect(push_new_message)
    signals.new_message.connect(notify_of_new_message)
    signals.message_changed.connect(push_message_change)
    signals.chat_renamed.connect(push_name)
    signals.chat_read.connect(push_reading)
    signals.invitation_used.connect(bring_into_room)
    # Django saves an account and tells of it in two transactions, whoever makes it: a form, a command, another app.
    User.save = names.save_with_name  # type: ignore[assignment]
    post_save.connect(names.keep_name, sender=User)
    post_delete.connect(names.forget_name, sender=names.Name)
    allauth.user_logged_in.connect(devices.end_oldest)
    post_save.connect(membership_changed, sender=Membership)
    post_delete.connect(membership_changed, sender=Membership)
    post_delete.connect(chat_deleted, sender=Chat)
    user_logged_in.connect(security_log.signed_in)
    user_login_failed.connect(security_log.sign_in_failed)
    user_logged_out.connect(security_log.signed_out)
    post_save.connect(security_log.account_made, sender=User)
    pre_save.connect(security_log.rights_changed, sender=User)
    post_delete.connect(security_log.account_deleted, sender=User)
    post_save.connect(security_log.administered, sender=LogEntry)


def push_new_message(message: Message, **kwargs: Any) -> None:
    """Show the message on every page that has the chat open, and the mark of it on all others."""
    messages.new_message(message)
    chats.new_message(message.chat_id, message.number)
    chats.chat_read(message.author_id, message.chat_id, message.number)


def notify_of_new_message(message: Message, **kwargs: Any) -> None:
    """Have the worker tell those whom the message is meant for; what the queue does not take, the sweeper finds."""
    enqueue("messaging.tasks.notify_members", message.pk)


def push_message_change(message: Message, **kwargs: Any) -> None:
    """Show the message as it is now on every page that has the chat open."""
    messages.message_changed(message)


def push_name(chat: Chat, **kwargs: Any) -> None:
    chats.chat_renamed(chat)


def push_reading(membership: Membership, number: int, **kwargs: Any) -> None:
    """Show on all pages of a member how far they have read."""
    chats.chat_read(membership.user_id, membership.chat_id, number)


def bring_into_room(invitation: Invitation, user: User, **kwargs: Any) -> None:
    """Let who was invited into a room in, if whoever invited them still is in there."""
    maker = invitation.made_by
    with suppress(Chat.DoesNotExist):
        if maker and invitation.room_id:
            Chat.objects.visible_to(maker).get(pk=invitation.room_id).admit(user)


def membership_changed(instance: Membership, **kwargs: Any) -> None:
    """Let the person's open sockets follow what they may follow now, and list their chats afresh."""
    recheck_rights([instance.user_id])
    # Rendered after the commit: within it, the list would miss what commits at the same time.
    transaction.on_commit(lambda: chats.chats_changed(instance.user_id), robust=True)


def chat_deleted(instance: Chat, **kwargs: Any) -> None:
    """Close the pages of a chat that is gone, and delete what was exported of it."""
    recheck_rights(group=instance.stream)
    files.delete_of(instance)
