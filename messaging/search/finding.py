"""Who asks for what, and what of it they may read: the index only proposes."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Sum

from messaging.accounts import people
from messaging.accounts.models.time_zone import zone_of
from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from messaging.search.asking import Asked
from messaging.search.index import engine
from messaging.search.models import newest
from messaging.search.postgresql import TooLong
from messaging.search.terms import Scope, Terms, author_tag
from notifications.push import whole_number

ME = "me"
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
    authors = {name: _people(user, name) for name in asked.people}
    homes = {name: _homes(user, name) for name in asked.chats}
    unknown = tuple(name for name, pks in (*authors.items(), *homes.items()) if not pks)
    tags = [[sign] for sign in dict.fromkeys(asked.signs)]
    if authors:
        tags.append([author_tag(pk) for pk in sorted(set[int]().union(*authors.values()))])
    if asked.is_nothing or not all(tags):
        return Found([], unknown=unknown)
    scope = _scope(user, set[int]().union(*homes.values()) if homes else None)
    if scope.homes == frozenset():
        return Found([], unknown=unknown)
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
    return _found(readable, Terms(asked.phrases, tags, scope, below, above), limit)._replace(unknown=unknown)


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


def _scope(user: User, asked: Collection[int] | None) -> Scope:
    chats = Chat.objects.exclude(kind=Chat.Kind.THREAD).order_by()
    count, said = chats.aggregate(count=Count("pk"), said=Sum("last_number", default=0)).values()
    seen = chats.visible_to(user)
    # Of others' chats, which may be very many, nothing is read but how many they are.
    sizes = dict((seen if asked is None else seen.filter(pk__in=asked)).values_list("pk", "last_number"))
    own = sum(sizes.values())
    return Scope(frozenset(sizes) if len(sizes) < count else None, own, own / (said or 1))


def _people(user: User, name: str) -> set[int]:
    """Return the primary keys of those who are called so, by their user names or as they are shown."""
    name = name.removeprefix("@")
    if name.casefold() == ME:
        return {user.pk}
    shown = people.shown_as([name])
    return {
        *people.called([name]).values_list("pk", flat=True),
        *(each.pk for found in shown.values() for each in found),
    }


def _homes(user: User, name: str) -> set[int]:
    """Return the chats of a name that the user may read: rooms, or else the conversation with just these people."""
    seen = Chat.objects.visible_to(user).exclude(kind=Chat.Kind.THREAD).order_by()
    plain = name.removeprefix("#")
    rooms = seen.rooms().named(name) | seen.rooms().named(plain)
    # By its number: what a name with quotes in it is called by.
    by_number = seen.filter(pk=whole_number(plain) or 0) if plain != name else seen.none()
    return {chat.pk for chat in rooms or by_number or seen.filter(direct_key__in=_keys(user, name))}


def _keys(user: User, names: str) -> list[str]:
    """Return what conversations with these people, and no others, are kept by."""
    keys = [{user.pk}]
    for name in names.split(",")[:20]:
        keys = [key | {pk} for key in keys for pk in sorted(_people(user, name.strip()))][:20]
    return [",".join(map(str, sorted(key))) for key in keys]


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
