"""Who listens to what has happened: pages are shown it, people are told of it, rights are judged again."""

from contextlib import suppress
from typing import Any

from allauth.account import signals as allauth
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User, UserManager
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from messaging import signals
from messaging.accounts import devices, security_log
from messaging.accounts.models import name as names
from messaging.accounts.models.bot import Bot
from messaging.accounts.models.invitation import Invitation
from messaging.accounts.people import by_user_name
from messaging.bots import owning as bots
from messaging.chats import broadcasts as chats
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.commands import calling
from messaging.exports import files
from messaging.links import broadcasts as quotes
from messaging.links import part as links
from messaging.messages import broadcasts as messages
from messaging.messages.models import Message
from messaging.pins import models as pins
from messaging.presence.models import Showing
from messaging.receipts import broadcasts as receipts
from messaging.replies import models as replies
from messaging.saved import models as saved
from messaging.search import index
from messaging.threads import answering
from messaging.threads import part as threads
from messaging.webhooks import events, replying
from messaging.webhooks.models import Replier
from messaging.writing.versions import keep_version
from notifications.push import enqueue, enqueue_on_commit, recheck_rights, together, webhooks


def connect() -> None:
    signals.new_message.connect(push_new_message)
    signals.new_message.connect(notify_of_new_message)
    signals.message_changing.connect(change_what_follows)
    signals.message_changed.connect(push_message_change)
    signals.message_changed.connect(notify_of_named)
    signals.message_changed.connect(keep_thread)
    signals.part_changed.connect(push_part_change)
    signals.message_about_to_change.connect(keep_version)
    signals.message_changing.connect(events.changed)
    signals.part_changing.connect(events.part_changed)
    signals.message_changing.connect(index.changed)
    signals.part_changing.connect(index.part_changed)
    signals.chat_renamed.connect(push_name)
    signals.room_changed.connect(push_room)
    signals.chat_read.connect(push_reading)
    signals.entry_changed.connect(push_entry)
    signals.naming_changed.connect(push_naming)
    signals.invitation_used.connect(bring_into_room)
    # Django saves an account and tells of it in two transactions, whoever makes it: a form, a command, another app.
    User.save = names.save_with_name  # type: ignore[assignment]
    UserManager.get_by_natural_key = by_user_name  # type: ignore[assignment]
    post_save.connect(names.keep_name, sender=User)
    post_delete.connect(names.forget_name, sender=names.Name)
    post_save.connect(bots.maker_saved, sender=User)
    pre_delete.connect(bots.maker_leaves, sender=User)
    allauth.user_logged_in.connect(devices.end_oldest)
    post_save.connect(count_in_thread, sender=Message)
    post_save.connect(events.posted, sender=Message)
    post_save.connect(index.posted, sender=Message)
    post_save.connect(membership_changed, sender=Membership)
    post_delete.connect(membership_changed, sender=Membership)
    post_delete.connect(owner_gone, sender=Membership)
    post_delete.connect(chat_deleted, sender=Chat)
    post_save.connect(push_receipts, sender=Showing)
    post_delete.connect(replying.leave, sender=Replier)
    post_save.connect(calling.bot_saved, sender=Bot)
    post_delete.connect(calling.forget, sender=Bot)
    user_logged_in.connect(security_log.signed_in)
    user_login_failed.connect(security_log.sign_in_failed)
    user_logged_out.connect(security_log.signed_out)
    post_save.connect(security_log.account_made, sender=User)
    pre_save.connect(security_log.rights_changed, sender=User)
    post_delete.connect(security_log.account_deleted, sender=User)
    post_save.connect(security_log.administered, sender=LogEntry)


def push_new_message(message: Message, **kwargs: Any) -> None:
    """Show the message on every page that has the chat open, and the mark of it on all others."""
    with together():
        messages.new_message(message)
        chats.new_message(message.chat_id, message.number, message.author_id, message.named)
        chats.chat_read(message.author_id, message.chat_id, message.number, message.author_turn)


def notify_of_new_message(message: Message, **kwargs: Any) -> None:
    """Have the worker tell those whom the message is meant for; what the queue does not take, the sweeper finds."""
    if message.notified_at is None:
        enqueue("messaging.tasks.notify_members", message.pk)


def push_message_change(message: Message, **kwargs: Any) -> None:
    """Show the message as it is now on every page that has the chat open, or quotes it elsewhere."""
    with together():
        messages.message_changed(message)
        quotes.quoted_changed(message)


def change_what_follows(message: Message, **kwargs: Any) -> None:
    """Show what quotes the message with its text of now, and forget what a deleted one has elsewhere."""
    replies.show_anew(message)
    saved.follow(message)
    if message.deleted_at:
        pins.forget(message)
    else:
        links.change(message)


def push_part_change(message: Message, **kwargs: Any) -> None:
    """Show what was added to the message on every page that has the chat open."""
    messages.part_changed(message)


def notify_of_named(message: Message, **kwargs: Any) -> None:
    """Have the worker tell those whom an edit has named."""
    if message.named and message.notified_at is None:
        enqueue("messaging.tasks.notify_members", message.pk)


def count_in_thread(instance: Message, created: bool, **kwargs: Any) -> None:
    """Count an answer beneath the message that its thread is of: in the transaction that posts it."""
    if created and instance.chat.is_thread:
        threads.count_answer(instance)


def keep_thread(message: Message, **kwargs: Any) -> None:
    """Show in a chat what was changed in its thread, and in the thread what was changed of the message it answers."""
    if message.chat.is_thread and message.deleted_at:
        threads.count_again(message)
    elif message.chat.is_thread:
        answering.edit_copy(message)
    elif threads.NAME in message.parts:
        threads.follow_root(message)


def push_name(chat: Chat, **kwargs: Any) -> None:
    chats.chat_renamed(chat)


def push_room(chat: Chat, *, changed: frozenset[str], **kwargs: Any) -> None:
    """Show on its open pages what was decided about a room, and in lists whether it is archived.

    The pages of those who may not read it any more are ended.
    """
    with together():
        if "kind" in changed:
            _recheck_readers(chat)
        chats.room_changed(chat)
        if "archived_at" in changed:
            chats.room_relisted(chat)


def _recheck_readers(chat: Chat) -> None:
    """Judge the sockets anew that follow a room or a thread of it, also by the list of chats."""
    recheck_rights(Membership.objects.filter(chat__parent=chat).values_list("user", flat=True).distinct(), chat.stream)
    for thread in chat.threads.all():
        recheck_rights(group=thread.stream)


def push_reading(membership: Membership, number: int, **kwargs: Any) -> None:
    """Show on all pages of a member how far they have read, and on the other's in a conversation of two."""
    with together():
        chats.chat_read(membership.user_id, membership.chat_id, number, membership.turn)
        receipts.read(membership.chat, membership.user_id)


def push_entry(membership: Membership, **kwargs: Any) -> None:
    """Show in a member's list how they want to see a chat there, which may be less read than before."""
    with together():
        chats.chat_listed(membership.user_id, membership.chat_id)
        receipts.read_less(membership)


def push_naming(message: Message, **kwargs: Any) -> None:
    """Show in the lists of members whom a message names now."""
    chats.naming_changed(message.chat_id, message.number, message.author_id, message.named)


def push_receipts(instance: Showing, created: bool, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    """Show who has read what to those who may see it now, and to others no more."""
    if instance.hides_reading if created else "hides_reading" in (update_fields or {"hides_reading"}):
        is_hidden = instance.hides_reading
        transaction.on_commit(lambda: receipts.shown_anew(instance.pk, is_hidden=is_hidden), robust=True)


def bring_into_room(invitation: Invitation, user: User, **kwargs: Any) -> None:
    """Let who was invited into a room in, if whoever invited them still is in there."""
    maker = invitation.made_by
    with suppress(Chat.DoesNotExist):
        if maker and invitation.room_id:
            Chat.objects.visible_to(maker).get(pk=invitation.room_id).admit(user)


def membership_changed(instance: Membership, **kwargs: Any) -> None:
    """Let the person's open sockets follow what they may follow now, and their lists show the chat, or no more."""
    recheck_rights([instance.user_id])
    # Rendered after the commit: within it, what commits at the same time would be missed.
    transaction.on_commit(lambda: chats.chat_listed(instance.user_id, instance.chat_id), robust=True)


def owner_gone(instance: Membership, **kwargs: Any) -> None:
    """Let another one own the room of an owner whose account is gone."""
    if instance.is_owner:
        transaction.on_commit(lambda: _name_heir(instance.chat_id), robust=True)


def _name_heir(chat_pk: int) -> None:
    # The room may be gone, too.
    with suppress(Chat.DoesNotExist):
        Chat.objects.get(pk=chat_pk).name_heir()


def chat_deleted(instance: Chat, **kwargs: Any) -> None:
    """Close the pages of a chat that is gone, and delete what was exported of it."""
    recheck_rights(group=instance.stream)
    if instance.is_thread:
        transaction.on_commit(lambda: threads.forget(instance), robust=True)
    files.delete_of(instance)
    if instance.is_hooked:
        webhooks.forget(instance.stream)
    enqueue_on_commit("messaging.tasks.delete_left_files")
