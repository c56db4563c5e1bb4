"""The reactions to a message: kept in its row as `[[emoji, [primary keys of people]], …]`, the first one first."""

from collections.abc import Collection, Mapping
from typing import Any

import emoji
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from messaging.accounts.people import display_name
from messaging.messages.models import Message
from messaging.messages.parts import Part

NAME = "reactions"
QUICK = ("👍", "❤️", "😂", "🎉", "👀", "✅")
"""Those at hand in every menu."""
MOST = 30
"""So many different ones a message has at most."""
NAMED = 10
"""So many people are named beside each one; the others are counted."""

Reactions = list[Any]
"""Pairs, for PostgreSQL keeps no order of the names in an object."""


class ReactionsPart(Part):
    """Shows them as chips with their counts and who has reacted."""

    template = "messaging/reactions/_chips.html"

    def wanted(self, value: Reactions) -> Collection[int]:
        return {pk for _, people in value for pk in people[:NAMED]}

    def find(self, pks: Collection[int]) -> Mapping[int, str]:
        return names(pks)

    def context(self, value: Reactions, found: Mapping[int, str]) -> dict[str, Any]:
        return {"chips": [chip(sign, people, found) for sign, people in value]}

    def data(self, value: Reactions) -> Mapping[str, Any]:
        return {"reactions": [{"emoji": sign, "count": len(pks), "users": pks} for sign, pks in value]}


def names(pks: Collection[int]) -> dict[int, str]:
    """Return the names that are shown of these people."""
    return {user.pk: display_name(user) for user in User.objects.filter(pk__in=pks).select_related("called")}


def chip(sign: str, people: list[int], found: Mapping[int, str]) -> dict[str, Any]:
    """Return what is shown of one emoji: how many have reacted with it, and who."""
    named = [found[pk] for pk in people[:NAMED] if pk in found]
    others = len(people) - len(named)
    if others:
        named.append(f"{others} other{'s' if others > 1 else ''}")
    who = f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)
    return {"emoji": sign, "count": len(people), "people": people, "who": who}


def clean(typed: str) -> str:
    """Return the one emoji that was chosen, or typed as it is or by its `:name:`; ValidationError if it is none."""
    sign = emoji.emojize(typed.strip(), language="alias", variant="emoji_type")
    if not emoji.is_emoji(sign):
        raise ValidationError("Choose one emoji, or type its name, as in :rocket:.", code="no_emoji")
    return sign


def react(message: Message, user: User, sign: str, is_on: bool | None = None) -> None:
    """Put a person's reaction beneath a message, or take it away; without `is_on` whichever it is not.

    ValidationError if there are too many different ones, Message.DoesNotExist if the message was deleted meanwhile.
    """

    def change(kept: Reactions | None) -> Reactions | None:
        reactions: dict[str, list[int]] = dict(kept or [])
        people = reactions.get(sign, [])
        has = user.pk in people
        if has and is_on is not True:
            reactions[sign] = [pk for pk in people if pk != user.pk]
        elif not has and is_on is not False:
            reactions[sign] = [*people, user.pk]
        if len(reactions) > MOST:
            raise ValidationError(f"A message has at most {MOST} different reactions.", code="too_many")
        return [[emoji, people] for emoji, people in reactions.items() if people] or None

    message.change_part(NAME, change)
