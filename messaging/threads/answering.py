"""Answering in a thread, which the first answer makes, and sending the answer to the thread's chat, too."""

import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.chats.models.posting import Addition
from messaging.messages.composing import Field
from messaging.messages.models import Message
from messaging.messages.parts import Part
from notifications.push import text

ALSO, COPY = "also", "answer"
"""The parts of an answer that was sent to the chat, too (`{"message": its copy}`), and of its copy there."""
LONGEST_OPENING = 60


def thread_of(root: Message) -> Chat:
    """Return the thread of a message, made if there is none: then its author follows it, if they still read the chat.

    Chat.DoesNotExist if the chat was deleted meanwhile.
    """
    # In a transaction of its own: an answer locks the thread before the chat.
    with transaction.atomic():
        root.chat.lock()
        thread, is_new = Chat.objects.get_or_create(root=root, defaults={"kind": Chat.Kind.THREAD, "parent": root.chat})
        if is_new:
            with suppress(Chat.DoesNotExist):
                thread.admit(root.author)
    return thread


class AlsoInChat(Addition):
    """Sends an answer to the thread's chat, too, in the same transaction, and so once however often it is sent."""

    name = ALSO

    def value(self, chat: Chat, author: User) -> Any:
        if not chat.is_thread:
            raise ValidationError("Only an answer in a thread can be sent to the chat, too.", code="no_thread")
        return {}

    def added(self, message: Message) -> None:
        copy_id = uuid.uuid5(message.client_id, ALSO)
        copy = Chat.objects.post(message.chat.home.pk, message.author, message.body, copy_id, [Copy(message)])
        message.parts[ALSO] = {"message": copy.pk}
        message.save(update_fields=["parts"])

    def is_of(self, message: Message) -> bool:
        return ALSO in message.parts


class Copy(Addition):
    """Makes a message the copy of an answer, as which it leads to that."""

    name = COPY
    is_enough = True

    def __init__(self, answer: Message) -> None:
        self.answer = answer

    def value(self, chat: Chat, author: User) -> Any:
        thread = self.answer.chat
        return {
            "thread": thread.pk,
            "root": thread.root_id,
            "message": self.answer.pk,
            "number": self.answer.number,
        }


class AlsoPart(Part):
    """Deletes the copy with the answer."""

    def forget(self, message_pk: int, value: Any, left: Mapping[str, Any]) -> Any:
        for copy in Message.objects.filter(pk=value["message"], deleted_at=None).select_related("chat"):
            copy.delete_body(**left)
        return None


class CopyPart(Part):
    """Shows which thread a message was sent from."""

    template = "messaging/threads/_copy.html"
    is_above = True
    is_enough = True

    def wanted(self, value: Any) -> Collection[int]:
        return [value["root"]]

    def find(self, pks: Collection[int]) -> Mapping[int, str]:
        roots = Message.objects.filter(pk__in=pks).values_list("pk", "body")
        return {pk: text.one_line(body, LONGEST_OPENING) for pk, body in roots}

    def context(self, value: Any, found: Mapping[int, str]) -> dict[str, Any]:
        return {"part": value, "opening": found.get(value["root"])}

    def data(self, value: Any) -> Mapping[str, Any]:
        return {"copy_of": value["message"]}


class AlsoField(Field):
    """The composer's box that sends an answer to the chat, too."""

    template = "messaging/threads/_also.html"

    def context(self, request: HttpRequest, chat: Chat) -> dict[str, Any]:
        if not chat.is_thread:
            return {}
        return {"title": chat.home.title_for(request.user), "is_chosen": ALSO in request.POST}

    def read(self, request: HttpRequest) -> Addition | None:
        return AlsoInChat() if request.POST.get(ALSO) else None

    def given(self, values: Mapping[str, Any]) -> Addition | None:
        return AlsoInChat() if values.get("also_in_chat") else None


def edit_copy(answer: Message) -> None:
    """Let the copy of an answer say what that says now."""
    if ALSO in answer.parts:
        now = Message.objects.filter(pk=answer.pk, deleted_at=None).first()
        copy = Message.objects.filter(pk=answer.parts[ALSO]["message"], deleted_at=None).select_related("chat").first()
        if now and copy and copy.body != now.body:
            with suppress(Message.DoesNotExist):
                copy.edit(now.body)


def told_in_thread(message: Message) -> Q | None:
    """Return who is told of the answer that a message is the copy of."""
    if COPY not in message.parts:
        return None
    of = message.parts[COPY]
    named = Message.objects.filter(pk=of["message"]).values_list("named", flat=True).first() or {}
    followers = Membership.objects.filter(chat=of["thread"], level=Membership.Level.ALL)
    return Q(pk__in=followers.values("user")) | Q(pk__in=named)
