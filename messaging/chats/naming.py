"""Which unread messages name their reader: found by how far they have read, so a message costs no write for it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.chats.mentions import ALL, RINGS
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership

MOST = 500
"""So many unread messages that name somebody are counted, the newest, and so many a list that was away is told of."""
NEWS = '<data value id="naming-news" data-chat="{}" data-named="{}" hx-swap-oob="true" hidden></data>'


def unread(user: User, chats: Collection[Chat]) -> dict[int, list[int]]:
    """Return the numbers of the unread messages that name the person, by the chats that have some; one query.

    Of chats of which they want to hear nothing there are none.
    """
    found = Membership.objects.filter(
        user=user,
        chat__in=chats,
        chat__messages__is_naming=True,
        chat__messages__number__gt=F("read_number"),
        chat__messages__named__has_any_keys=[str(user.pk), ALL],
    ).exclude(level=Membership.Level.NOTHING)
    rows = found.order_by("-chat__messages__number").values_list(
        "chat", "chat__messages__number", "chat__messages__author"
    )
    numbers: dict[int, list[int]] = {}
    for chat, number, author in rows[:MOST]:
        if author != user.pk:
            numbers.setdefault(chat, []).append(number)
    return numbers


def news(chat_pk: int, messages: Iterable[tuple[int, int, Mapping[str, Any]]]) -> SafeString:
    """Return what tells lists of chats whom messages name, each with its number, its author, and whom it names."""
    said = (f"{number}:{author}:{_people(named)}" for number, author, named in messages)
    return format_html(NEWS, chat_pk, " ".join(said))


def since(chat_pk: int, number: int) -> list[tuple[int, int, Mapping[str, Any]]]:
    """Return the messages behind a number that name somebody, as `news` takes them."""
    found = Chat.objects.filter(Q(messages__number__gt=number, messages__is_naming=True), pk=chat_pk)
    rows = found.order_by("-messages__number")
    return list(rows.values_list("messages__number", "messages__author", "messages__named")[:MOST])


def _people(named: Mapping[str, Any]) -> str:
    return ",".join(sorted(name for name in named if name == ALL or name not in RINGS))
