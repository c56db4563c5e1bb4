"""What is forwarded is a copy: who reads it in the new chat need not be able to read the old one, or its later edits.

Of where it was said the message shows nothing by itself: that is fetched for each reader (see views.origin).
"""

import re
from collections.abc import Collection, Mapping
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import mark_safe

from messaging.accounts.people import display_name
from messaging.attachments import part as files
from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition
from messaging.messages.actions import Action
from messaging.messages.models import Message
from messaging.messages.parts import Part
from notifications.push import text

NAME = "forward"
TAG = re.compile(r"<(?:\"[^\"]*\"|[^>\"])*>")
LONGEST_LINE = 500
"""So many characters of it are in notifications and exports."""


class ForwardPart(Part):
    """Shows whose words are forwarded, and the words."""

    template = "messaging/forwards/_forward.html"
    is_enough = True

    def wanted(self, value: dict[str, Any]) -> Collection[int]:
        return [value["author"]]

    def find(self, pks: Collection[int]) -> Mapping[int, str]:
        return {user.pk: display_name(user) for user in User.objects.filter(pk__in=pks).select_related("called")}

    def context(self, value: dict[str, Any], found: Mapping[int, str]) -> dict[str, Any]:
        html = mark_safe(value["html"])  # noqa: S308 - made by notifications.prose
        return {"origin": value["message"], "author": found.get(value["author"]), "html": html}

    def data(self, value: dict[str, Any]) -> Mapping[str, Any]:
        return {"forward": {"id": value["message"], "author": value["author"], "html": value["html"]}}

    def line(self, value: dict[str, Any]) -> str:
        return f"(forwarded) {text.one_line(unescape(strip_tags(value['html'])), LONGEST_LINE)}".strip()

    def searched(self, value: dict[str, Any]) -> str:
        return unescape(TAG.sub(" ", value["html"]))


class ForwardAddition(Addition):
    """What a message is posted with that sends another one on."""

    name = NAME
    is_enough = True

    def __init__(self, original: dict[str, Any]) -> None:
        self.original = original

    def value(self, chat: Chat, author: User) -> dict[str, Any]:
        return self.original

    def is_of(self, message: Message) -> bool:
        return bool((message.parts.get(NAME) or {}).get("message") == self.original["message"])


def content(message: Message) -> dict[str, Any] | None:
    """Return what of a message can be forwarded, as a copy of it keeps that; nothing if there is nothing.

    Of one that only forwards another one, that is the other one. Its text and its files go along, and no other part.
    """
    if message.html or (files.NAME in message.parts and NAME not in message.parts):
        return {"message": message.pk, "author": message.author_id, "html": message.html}
    else:
        return message.parts.get(NAME)


def action(message: Message, user: User) -> Action | None:
    """Return the entry of a message's menu that forwards it."""
    address = reverse("message-forward", args=[message.pk])
    return Action("Forward", "messaging/icons/forward.svg", address) if content(message) else None
