"""What a message shows of the messages that it links to: a place for each, which is filled for its reader alone."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition
from messaging.links.finding import SIGN, linked
from messaging.messages.actions import Action
from messaging.messages.composing import Field
from messaging.messages.models import Message
from messaging.messages.parts import Part
from notifications.push import text

NAME = "links"


class LinksPart(Part):
    """Keeps the primary keys of what is linked to. What that says is in no page that is the same for all."""

    template = "messaging/links/_places.html"

    def data(self, value: list[int]) -> Mapping[str, Any]:
        return {"links": value}


class LinksAddition(Addition):
    """What a message is posted with that links to others, whoever may read them."""

    name = NAME

    def __init__(self, pks: list[int]) -> None:
        self.pks = pks

    def value(self, chat: Chat, author: User) -> list[int]:
        return self.pks


class LinksField(Field):
    """Nothing to fill in: what is linked to stands in the text."""

    def read(self, request: HttpRequest) -> LinksAddition | None:
        return in_text(request.POST.get("body", ""))

    def given(self, values: Mapping[str, Any]) -> LinksAddition | None:
        return in_text(values["text"])


def in_text(body: str) -> LinksAddition | None:
    """Return what a text adds to its message by its links, if it has any; whether it can be posted, others ask."""
    try:
        pks = linked(text.render(text.clean(body))) if SIGN in body else []
    except ValidationError:
        pks = []
    return LinksAddition(pks) if pks else None


def change(message: Message) -> None:
    """Have a message that is being edited show what it links to now, by the same commit."""
    if SIGN not in message.html and NAME not in message.parts:
        return
    others = {name: value for name, value in message.parts.items() if name != NAME}
    pks = linked(message.html)
    message.parts = {**others, NAME: pks} if pks else others
    Message.objects.filter(pk=message.pk).update(parts=message.parts)


def action(message: Message, user: User) -> Action:
    """Return the entry of a message's menu that has its address: a script copies that, and it leads to the message."""
    return Action("Copy link", "messaging/icons/link.svg", message.place)
