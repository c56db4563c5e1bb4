"""The composer's field for what a message answers."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from messaging.chats.models.chat import Chat
from messaging.messages.actions import Action
from messaging.messages.composing import Field
from messaging.messages.models import Message
from messaging.replies import part
from notifications.push import whole_number


class ReplyField(Field):
    """Holds the primary key of a message as `reply`: the page was opened with it, or a script has put it there."""

    template = "messaging/replies/_field.html"

    def context(self, request: HttpRequest, chat: Chat) -> dict[str, Any]:
        asked = whole_number((request.POST or request.GET).get("reply"))
        found = chat.messages.filter(pk=asked).select_related("chat", "author__called").first() if asked else None
        return chosen(found) if found else {}

    def read(self, request: HttpRequest) -> part.ReplyAddition | None:
        asked = request.POST.get("reply")
        if not asked:
            return None
        if pk := whole_number(asked):
            return part.ReplyAddition(pk)
        raise ValidationError("What you answer is not in this chat.", code="no_original")

    def given(self, values: Mapping[str, Any]) -> part.ReplyAddition | None:
        return part.ReplyAddition(values["reply_to"]) if values.get("reply_to") is not None else None


def chosen(message: Message) -> dict[str, Any]:
    """Return what the field shows of the message that is to be answered."""
    return {"pk": message.pk, "original": part.shown(message), "without": message.chat.get_absolute_url()}


def action(message: Message, user: User) -> Action:
    """Return the entry of a message's menu that has the composer answer it."""
    return Action("Reply", "messaging/icons/reply.svg", reverse("message-reply", args=[message.pk]))
