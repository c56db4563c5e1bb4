"""Which part of a chat is shown, where a page begins, and what there is before and after it."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.safestring import mark_safe

from messaging.chats.models.chat import Chat
from messaging.messages.shown import Shown, placed, rendered
from notifications.push import whole_number

AT = 'tabindex="-1" autofocus'
"""What makes a message the place that a page begins at."""
END = "end"
"""What an address says in place of a number to open a chat at its newest messages."""

EARLIEST, LATEST = date(1970, 1, 1), date(9000, 1, 1)
"""Days before and after them are taken for these: not every clock could say when such a one begins."""


class History(NamedTuple):
    """Messages that follow each other, oldest first, and whether links lead to what is before and after them.

    The line stands before the number `first_unread`; the page begins at the number `at`, or else at the line. `below`
    counts what was not read yet and is further down. Beside another chat the line has no id.
    """

    messages: list[Shown]
    has_older: bool = False
    has_newer: bool = False
    first_unread: int | None = None
    at: int | None = None
    below: int = 0
    is_beside: bool = False

    @property
    def start(self) -> str | None:
        """The id of the element that the page begins at, unless that is its end."""
        if self.at is None:
            return "new" if self.first_unread else None
        else:
            return next((message.dom_id for message in self.messages if message.number == self.at), None)

    def html(self) -> str:
        """Return the messages as the page shows them: below their days, by the clock of who looks at it, and the line.

        Put together here and not by a template, which would cost as much as all the rest of the page.
        """
        zone, parts = timezone.get_current_timezone(), []
        day: date | None = None
        before: Shown | None = None
        for message, html in zip(self.messages, rendered(self.messages, zone), strict=True):
            is_first_unread = message.number == self.first_unread
            day_before, day = day, message.created_at.astimezone(zone).date()
            if day != day_before:
                parts.append(f'<p class="day" data-day="{day.day} {day:%B %Y}"></p>')
            if is_first_unread:
                parts.append(render_to_string("messaging/messages/_line.html", {"history": self}))
            is_continued = message.continues(before) and not is_first_unread
            parts.append(placed(html, is_continued=is_continued, attributes=AT if message.number == self.at else ""))
            before = message
        return mark_safe("\n".join(parts))  # noqa: S308 - rendered all of it


def before(messages: list[Shown]) -> History:
    """Return messages that nothing belongs behind: the newest, or those on top of others."""
    return History(messages, has_older=_has_older(messages))


def part(chat: Chat, asked: Mapping[str, str]) -> History:
    """Return what goes onto a page that is there: what is before a number, after one, or the newest."""
    if after := whole_number(asked.get("after")):
        messages = chat.messages.page_from(after + 1)
        return History(messages, has_newer=_has_newer(chat, messages))
    else:
        return before(chat.messages.page_before(whole_number(asked.get("before")) or None))


def opened(chat: Chat, asked: Mapping[str, str], read: int) -> History:
    """Return what a page begins with: where its address says, else at the first message behind those that were read."""
    at = _beginning(chat, asked)
    messages = chat.messages.page_around(at or read + 1, chat.last_number)
    if not messages:
        return History([])
    is_whole = messages[0].number <= read + 1
    return History(
        messages,
        has_older=_has_older(messages),
        has_newer=_has_newer(chat, messages),
        first_unread=next((each.number for each in messages if is_whole and each.number > read), None),
        at=at,
        below=max(0, chat.last_number - max(read, messages[-1].number)),
    )


def _beginning(chat: Chat, asked: Mapping[str, str]) -> int | None:
    if asked.get("at") == END:
        return chat.last_number + 1
    elif after := whole_number(asked.get("after")):
        return after + 1
    elif day := _day(asked):
        return _first_on(chat, day)
    else:
        return whole_number(asked.get("at"))


def asks_for_no_day(asked: Mapping[str, str]) -> bool:
    """Return whether an address asks for a day (`on`) that is none."""
    return bool(asked.get("on")) and _day(asked) is None


def _day(asked: Mapping[str, str]) -> date | None:
    try:
        day = parse_date(asked.get("on", ""))
    except ValueError:
        return None
    return day and min(max(day, EARLIEST), LATEST)


def _first_on(chat: Chat, day: date) -> int:
    """Return the number of the first message since that day began by the reader's clock; past the last one if none."""
    begins = datetime.combine(day, time(), timezone.get_current_timezone())
    since = chat.messages.filter(created_at__gte=begins).order_by("created_at", "number")
    return since.values_list("number", flat=True).first() or chat.last_number + 1


def _has_older(messages: list[Shown]) -> bool:
    return bool(messages) and messages[0].number > 1


def _has_newer(chat: Chat, messages: list[Shown]) -> bool:
    return bool(messages) and messages[-1].number < chat.last_number
