"""What a reply shows above its text: whom and what it answers, as that is now, and the way there."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition
from messaging.messages.models import Message
from messaging.messages.parts import Part
from messaging.messages.saying import in_a_line
from messaging.replies.models import Reply

NAME = "reply"
KIND = "reply"
"""The kind of what tells people that their message was answered."""
LONGEST = 160
"""So many characters are shown of what is answered."""


class Original(NamedTuple):
    """What is shown of a message that is answered: nothing but the fact, if it is deleted."""

    name: str
    line: str
    place: str
    is_deleted: bool


class ReplyPart(Part):
    """Shows what a message answers, which is kept as its primary key and that of its author."""

    template = "messaging/replies/_quote.html"
    is_above = True

    def wanted(self, value: dict[str, int]) -> Collection[int]:
        return [value["message"]]

    def find(self, pks: Collection[int]) -> Mapping[int, Original]:
        found = Message.objects.filter(pk__in=pks).select_related("chat", "author__called")
        return {message.pk: shown(message) for message in found}

    def context(self, value: dict[str, int], found: Mapping[int, Original]) -> dict[str, Any]:
        return {"original": found.get(value["message"])}

    def data(self, value: dict[str, int]) -> Mapping[str, Any]:
        return {"reply_to": value["message"]}

    def told(self, value: dict[str, int]) -> Mapping[int, str]:
        return {value["author"]: KIND}

    def forget(self, message_pk: int, value: dict[str, int], left: Mapping[str, Any]) -> None:
        Reply.objects.filter(pk=message_pk).delete()


class ReplyAddition(Addition):
    """What makes a message an answer to another one of its chat, whose author is told."""

    name = NAME

    def __init__(self, original_pk: int) -> None:
        self.pk = original_pk
        self.author_pk = 0

    def value(self, chat: Chat, author: User) -> dict[str, int]:
        """Return what is answered; one that was deleted meanwhile still is, or the answer would be lost."""
        original = chat.messages.filter(pk=self.pk).values_list("author", flat=True).first()
        if original is None:
            raise ValidationError("What you answer is not in this chat.", code="no_original")
        self.author_pk = original
        return {"message": self.pk, "author": original}

    def reached(self, chat: Chat, author: User) -> set[int]:
        return {self.author_pk} - {author.pk}

    def added(self, message: Message) -> None:
        Reply.objects.create(message=message, original_id=self.pk)

    def is_of(self, message: Message) -> bool:
        return (message.parts.get(NAME) or {}).get("message") == self.pk


def shown(message: Message) -> Original:
    """Return what is shown of a message that is answered, in one line without its marks."""
    return Original(message.sender, in_a_line(message, LONGEST), message.place, bool(message.deleted_at))
