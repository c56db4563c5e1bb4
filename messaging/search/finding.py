"""Who asks for what, and what of it they may read: the index only proposes."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet

from messaging.accounts.models.time_zone import zone_of
from messaging.messages.models import Message
from messaging.search import names
from messaging.search.asking import Asked
from messaging.search.index import engine
from messaging.search.models import newest
from messaging.search.postgresql import TooLong
from messaging.search.terms import Terms, author_tag

DAY = timedelta(days=1)


class Found(NamedTuple):
    """A page of messages, the newest first.

    `next` is the primary key before which more of them may be, None at the end; `unknown` are the names that nobody and
    nothing has; if `is_given_up`, it would have taken too long.
    """

    messages: list[Message]
    next: int | None = None
    unknown: tuple[str, ...] = ()
    is_given_up: bool = False


def search(user: User, asked: Asked, before: int | None = None, limit: int = 20) -> Found:
    """Return what the user may read of what is asked for, older than the message `before`."""
    named = names.look_up(user, asked)
    tags = [[sign] for sign in dict.fromkeys(asked.signs)]
    if asked.people:
        tags.append([author_tag(pk) for pk in sorted(named.authors)])
    if asked.is_nothing or not all(tags):
        return Found([], unknown=named.unknown)
    scope = names.scope_of(user, named.homes if asked.chats else None)
    if scope.homes == frozenset():
        return Found([], unknown=named.unknown)
    readable = Message.objects.visible_to(user).filter(deleted_at=None)
    zone, end = zone_of(user), newest() + 1
    above, below = 0, min(before or end, end)
    if asked.after:
        since = _beginning(asked.after, zone, DAY)
        readable = readable.filter(created_at__gte=since)
        above = _first_since(since, end) - 1
    if asked.before:
        until = _beginning(asked.before, zone)
        readable = readable.filter(created_at__lt=until)
        below = min(below, _first_since(until, end))
    return _found(readable, Terms(asked.phrases, tags, scope, below, above), limit)._replace(unknown=named.unknown)


def _found(readable: QuerySet[Message], terms: Terms, limit: int) -> Found:
    """Return a page of the readable messages among those that the index proposes."""
    rows: list[Message] = []
    below = terms.below
    # What is there and may not be read was changed in this very moment, so one round does nearly always.
    while len(rows) <= limit:
        wanted = limit + 1 - len(rows)
        try:
            proposed: list[int] = engine().find(terms._replace(below=below), wanted)
        except TooLong:
            return Found(rows, is_given_up=True)
        found = readable.select_related("chat__parent", "chat__root", "author__called").in_bulk(proposed)
        rows += [found[pk] for pk in proposed if pk in found]
        if len(proposed) < wanted:
            return Found(rows)
        below = proposed[-1]
    return Found(rows[:limit], next=rows[limit - 1].pk)


def _beginning(day: date, zone: tzinfo, later: timedelta = timedelta()) -> datetime:
    """Return when a day begins, by the clock of that zone."""
    try:
        return datetime.combine(day + later, time(), zone).astimezone(UTC)
    except OverflowError:
        # At both ends of the calendar; nothing was said beyond.
        return datetime.combine(day, time(), UTC)


def _first_since(moment: datetime, high: int) -> int:
    """Return the first primary key of what was said since, or `high` if it is not below: found by halves."""
    low = 0
    while low < high:
        middle = (low + high) // 2
        found = Message.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "created_at").first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low
