"""`/remind`: a reminder by what is typed, like `in 20 minutes tea` or `every weekday at 9:00 stand-up`."""

import re
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from messaging.accounts.models.time_zone import zone_of
from messaging.later.models import Later, checked
from messaging.later.saying import when
from messaging.messages.commands import Command, Said
from messaging.writing.models import Draft
from notifications.push import recurrence, snoozing, text

HELP = "in 20 minutes tea: reminds you, and nobody else sees it"
HOW = (
    "Write /remind in 20 minutes tea, /remind tomorrow at 9:00 tea, /remind friday at 14:30 tea, "
    "/remind 2027-01-31 at 9:00 tea, or /remind every weekday at 9:00 tea (day, weekday, monday …, month)."
)
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
OF_DAYS = "|".join(DAYS)
CLOCK = r"(?:\s+at\s+(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?![\d:]))?"
WHAT = r"\s+(?:to\s+)?(?P<what>\S.*)"
IN = re.compile(
    rf"in\s+(?P<count>\d{{1,4}}|an?)\s*(?P<unit>minutes?|min|hours?|h|days?|weeks?)\b{WHAT}", re.I | re.S | re.A
)
ON = re.compile(rf"(?:on\s+)?(?P<day>today|tomorrow|{OF_DAYS}|20\d\d-\d\d-\d\d)\b{CLOCK}{WHAT}", re.I | re.S | re.A)
EVERY = re.compile(rf"every\s+(?P<every>day|weekday|month|{OF_DAYS})\b{CLOCK}{WHAT}", re.I | re.S | re.A)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


class Wish(NamedTuple):
    """What somebody is to be reminded of: first when, how often, and of what."""

    first_at: datetime
    every: str
    what: str


def read(typed: str, now: datetime) -> Wish:
    """Return what is wished, by the current zone's clock; ValidationError says what is understood, or what is wrong."""
    typed = re.sub(r"\Ame\s+", "", typed.strip(), flags=re.I)
    try:
        if found := IN.fullmatch(typed):
            first_at, every = _after(found, now), ""
        elif found := ON.fullmatch(typed):
            first_at, every = _on(found, now), ""
        elif found := EVERY.fullmatch(typed):
            first_at, every = _every(found, now)
        else:
            raise ValueError(typed)
    except ValueError as error:
        raise ValidationError(HOW, code="not_understood") from error
    return Wish(checked(first_at, now), every, text.clean(found["what"]))


def _after(found: re.Match[str], now: datetime) -> datetime:
    count = int(found["count"]) if found["count"].isdigit() else 1
    unit = found["unit"][0].lower()
    if unit in UNITS:
        return now + count * UNITS[unit]
    # By the clock on the wall: the same time of another day.
    return recurrence.nth(now, "day" if unit == "d" else "week", count, timezone.get_current_timezone())


def _on(found: re.Match[str], now: datetime) -> datetime:
    day, today, clock = found["day"].lower(), timezone.localdate(now), _clock(found)
    if day in DAYS:
        return _next(DAYS.index(day), clock, now)
    if day == "today" and not found["hour"]:
        raise ValueError(day)
    shown = {"today": today, "tomorrow": today + timedelta(days=1)}
    return _at(shown.get(day) or date.fromisoformat(day), clock)


def _every(found: re.Match[str], now: datetime) -> tuple[datetime, str]:
    named, clock, today = found["every"].lower(), _clock(found), timezone.localdate(now)
    if named in DAYS:
        return _next(DAYS.index(named), clock, now), "week"
    first_at = _at(today, clock)
    # Of a Saturday the next one is Monday's.
    if first_at <= now or (named == "weekday" and today.weekday() > DAYS.index("friday")):
        first_at = recurrence.nth(first_at, named, 1, timezone.get_current_timezone())
    return first_at, named


def _next(weekday: int, clock: time, now: datetime) -> datetime:
    today = timezone.localdate(now)
    day = today + timedelta(days=(weekday - today.weekday()) % 7)
    return _at(day, clock) if _at(day, clock) > now else _at(day + timedelta(days=7), clock)


def _clock(found: re.Match[str]) -> time:
    return time(int(found["hour"]), int(found["minute"] or 0)) if found["hour"] else snoozing.MORNING


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


def remind(typed: str, rest: str) -> Said:
    """Return what keeps a reminder; ValidationError says what is understood."""
    read(rest, timezone.now())
    return Said(typed, [], partial(_keep, rest))


def _keep(rest: str, author: User, chat_pk: int, client_id: UUID | None) -> str:
    zone = zone_of(author)
    with timezone.override(zone):
        wish = read(rest, timezone.now())
        fields = {"kind": Later.Kind.REMINDER, "body": wish.what, "every": wish.every, "zone": str(zone)}
        Later.objects.keep(author, client_id or uuid4(), wish.first_at, **fields)
        Draft.objects.filter(user=author, chat=chat_pk).delete()
        return f"You will be reminded {when(wish.first_at, wish.every)}. It waits at Later, in the menu of your name."


COMMAND = Command("remind", HELP, remind)
