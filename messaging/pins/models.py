"""What is pinned in a chat: put there and taken away behind its lock, and counted in the chat's row."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction

from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from notifications.push import push_soon

NAME = "pin"
"""The part of a message that shows it is pinned: `{"by": primary key of who did so}`."""
MOST = 100
"""So many messages of a chat are pinned at most: the list of them is one page."""
FULL = f"At most {MOST} messages of a chat can be pinned. Unpin one of them first."


class Pin(models.Model):
    """A message that is pinned in its chat."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="pin")
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="pins")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.message} is pinned"


def pin(message: Message, user: User) -> None:
    """Pin a message, unless it is; ValidationError if there are too many, DoesNotExist if it or the member is gone."""

    def change(value: Any) -> Any:
        if value is None and Pin.objects.filter(chat=message.chat_id).count() >= MOST:
            raise ValidationError(FULL, code="full")
        return value or {"by": user.pk}

    with transaction.atomic():
        _lock(message, user)
        if message.change_part(NAME, change):
            Pin.objects.create(message=message, chat=message.chat, by=user)
            _count(message.chat, message.changed_seq)


def unpin(message: Message, user: User) -> None:
    """Take a message's pin away, if it has one; DoesNotExist if it or the member is gone."""
    with transaction.atomic():
        _lock(message, user)
        if message.change_part(NAME, lambda value: None):
            Pin.objects.filter(message=message).delete()
            _count(message.chat, message.changed_seq)


def forget(message: Message) -> None:
    """Take the pin of a message that is being deleted away, in the same transaction."""
    deleted, _ = Pin.objects.filter(message=message).delete()
    if deleted:
        seq = message.chat.take_seq()
        _count(message.chat, seq)
        push_soon(message.chat, seq)


def _lock(message: Message, user: User) -> None:
    message.chat.lock()
    if message.chat.membership_of(user) is None:
        raise Chat.DoesNotExist


def _count(chat: Chat, seq: int) -> None:
    Chat.objects.filter(pk=chat.pk).update(pinned=Pin.objects.filter(chat=chat).count(), pinned_seq=seq)
