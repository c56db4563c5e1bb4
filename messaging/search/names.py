"""Who and what is meant by the names in a search, all of them looked up at once, and what somebody may read at all."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet, Sum

from messaging.accounts import people
from messaging.accounts.names import fold
from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from messaging.search.asking import Asked
from messaging.search.index import engine
from messaging.search.models import newest
from messaging.search.postgresql import TooLong
from messaging.search.terms import Scope, Terms, author_tag
from notifications.push import whole_number

ME = "me"
MOST = 10
"""So many names of a search count, those of people first; each of `in:alice,bob` is one."""
MOST_KEYS = 20
"""So many conversations are meant by one list of names, each of which may be several people's."""


class Named(NamedTuple):
    """Who is meant by `from:`, where by `in:`, and the names that nobody and nothing has."""

    authors: set[int]
    homes: set[int]
    unknown: tuple[str, ...]


def look_up(user: User, asked: Asked) -> Named:
    """Return who and what is meant by the names, as far as the user may know that there is such a one."""
    authors = dict.fromkeys(asked.people[:MOST])
    chats = dict.fromkeys(asked.chats[: MOST - len(authors)])
    homes = _rooms(user, chats) if chats else {}
    lists = _lists([name for name in chats if not homes[name]], MOST - len(authors))
    called = _people(user, {*authors, *(each for parts in lists.values() for each in parts)})
    homes |= _conversations(user, {name: [called[each] for each in parts] for name, parts in lists.items()})
    known = _known(user, {pk: is_active for name in authors for pk, is_active in called[name].items()})
    said_by = {name: called[name].keys() & known for name in authors}
    return Named(
        set[int]().union(*said_by.values()),
        set[int]().union(*homes.values()),
        tuple(name for name, pks in (*said_by.items(), *homes.items()) if not pks),
    )


def scope_of(user: User, asked: Collection[int] | None) -> Scope:
    """Return what somebody may read, of the chats that are asked for or of all."""
    chats = Chat.objects.exclude(kind=Chat.Kind.THREAD).order_by()
    count, said = chats.aggregate(count=Count("pk"), said=Sum("last_number", default=0)).values()
    seen = chats.visible_to(user)
    # Of others' chats, which may be very many, nothing is read but how many they are.
    sizes = dict((seen if asked is None else seen.filter(pk__in=asked)).values_list("pk", "last_number"))
    own = sum(sizes.values())
    return Scope(frozenset(sizes) if len(sizes) < count else None, own, own / (said or 1))


def _rooms(user: User, chats: Iterable[str]) -> dict[str, set[int]]:
    """Return the chats that the user may read with the number behind a `#`, or else the rooms of that name."""
    numbers = {name: whole_number(name[1:]) for name in chats if name.startswith("#")}
    keys = {name: {fold(name), fold(name.removeprefix("#"))} - {""} for name in chats}
    by_name = Q(kind__in=Chat.ROOMS, name_key__in=set[str]().union(*keys.values()))
    by_number = Q(pk__in=[pk for pk in numbers.values() if pk])
    found = dict(_seen(user).filter(by_name | by_number).values_list("pk", "name_key"))
    named = {name: {pk for pk, key in found.items() if key in keys[name]} for name in chats}
    return named | {name: {pk} for name, pk in numbers.items() if pk in found}


def _lists(chats: Iterable[str], left: int) -> dict[str, list[str]]:
    """Return the people's names that each stands for, none of one that is too long for what is `left`."""
    lists = {}
    for name in chats:
        parts = [part.strip() for part in name.split(",")]
        lists[name] = parts if len(parts) <= left else []
        left -= len(lists[name])
    return lists


def _people(user: User, typed: Collection[str]) -> dict[str, dict[int, bool]]:
    """Return who is called so, by their user names or as they are shown, and whether their accounts are active."""
    plain = {name: name.removeprefix("@") for name in typed}
    others = [name for name in plain.values() if name.casefold() != ME]
    if not others:
        return {name: {user.pk: True} for name in plain}
    accounts = list(people.called(others).values_list("pk", "is_active", "username", "called__key"))
    shown = people.shown_as(others)
    return {
        typed: {user.pk: True}
        if name.casefold() == ME
        else {pk: is_active for pk, is_active, *either in accounts if either[0] == name or either[1] == fold(name)}
        | {each.pk: True for each in shown[fold(name)]}
        for typed, name in plain.items()
    }


def _conversations(user: User, lists: dict[str, list[dict[int, bool]]]) -> dict[str, set[int]]:
    """Return the conversations that the user may read with just these people, of whom each may be several."""
    keys = {name: _keys(user, meant) if meant else [] for name, meant in lists.items()}
    wanted = [key for each in keys.values() for key in each]
    found = dict(_seen(user).filter(direct_key__in=wanted).values_list("direct_key", "pk")) if wanted else {}
    return {name: {found[key] for key in each if key in found} for name, each in keys.items()}


def _keys(user: User, meant: list[dict[int, bool]]) -> list[str]:
    """Return what conversations with these people, and no others, are kept by."""
    keys = [{user.pk}]
    for pks in meant:
        keys = [key | {pk} for key in keys for pk in sorted(pks)][:MOST_KEYS]
    return [",".join(map(str, sorted(key))) for key in keys]


def _known(user: User, accounts: dict[int, bool]) -> set[int]:
    """Return those that are active, or have said what the user may read: no search tells that there were others."""
    known = {pk for pk, is_active in accounts.items() if is_active}
    gone = sorted(accounts.keys() - known)
    scope = scope_of(user, None) if gone else None
    if scope is None or scope.homes == frozenset():
        return known
    terms = [Terms((), [[author_tag(pk)]], scope, newest() + 1) for pk in gone]
    proposed = [pk for each in terms for pk in _newest_of(each)]
    readable = Message.objects.visible_to(user).filter(deleted_at=None, pk__in=proposed)
    return known.union(readable.values_list("author", flat=True))


def _newest_of(terms: Terms) -> list[int]:
    try:
        found: list[int] = engine().find(terms, 1)
        return found
    except TooLong:
        return []


def _seen(user: User) -> QuerySet[Chat]:
    return Chat.objects.visible_to(user).exclude(kind=Chat.Kind.THREAD).order_by()
