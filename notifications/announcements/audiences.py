"""Audiences: the many people that an announcement can be for, by names like `all`, `group.3` or `chat.12`.

An app registers an object for each kind that it has, in its `ready()`: `register("team", TeamAudience())`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet

from notifications.live.streams import split

ALL = "all"
MOST_LISTED = 300
"""So many of each kind stand in the list to choose from."""
GONE = "Nobody any more"


class Audience(ABC):
    """One kind of audience; `title` stands above those of its kind in the list to choose from."""

    title: str

    @abstractmethod
    def users(self, pk: int, at: datetime) -> QuerySet[User]:
        """Return who is in it now and, as far as that is known, was so at that time."""

    @abstractmethod
    def labels(self, pks: Collection[int]) -> dict[int, str]:
        """Return how these are called; what is gone is left out."""

    @abstractmethod
    def choices(self, author: User) -> QuerySet[Any, tuple[int, str]]:
        """Return primary key and name of those that the author may write to, as `values_list()` does."""

    @abstractmethod
    def find(self, name: str) -> list[int]:
        """Return the primary keys of those that somebody at a shell calls so."""


class GroupAudience(Audience):
    """The groups of the administration."""

    title = "Groups"

    def users(self, pk: int, at: datetime) -> QuerySet[User]:
        """Return who is in the group; since when is not known."""
        return get_user_model().objects.filter(groups=pk)

    def labels(self, pks: Collection[int]) -> dict[int, str]:
        return dict(Group.objects.filter(pk__in=pks).values_list("pk", "name"))

    def choices(self, author: User) -> QuerySet[Any, tuple[int, str]]:
        return Group.objects.order_by("name").values_list("pk", "name")

    def find(self, name: str) -> list[int]:
        return list(Group.objects.filter(name=name).values_list("pk", flat=True))


kinds: dict[str, Audience] = {"group": GroupAudience()}


def register(kind: str, audience: Audience) -> None:
    """Make `audience` answer for all names `kind.…`."""
    kinds[kind] = audience


def users(name: str, at: datetime) -> QuerySet[User]:
    """Return the active people of an audience who were there at that time; nobody, if it is gone."""
    kind, pk = _split(name)
    everybody = get_user_model().objects.all()
    found = everybody if kind == ALL else kinds[kind].users(pk, at) if kind else everybody.none()
    return found.filter(is_active=True, date_joined__lte=at)


def labels(names: Iterable[str]) -> dict[str, str]:
    """Return how these audiences are called, with one query for each kind among them."""
    pks: dict[str, dict[int, str]] = {}
    found = {ALL: "Everybody"}
    for name in names:
        kind, pk = _split(name)
        found.setdefault(name, GONE)
        if kind in kinds:
            pks.setdefault(kind, {})[pk] = name
    for kind, named in pks.items():
        found |= {named[pk]: label for pk, label in kinds[kind].labels(named.keys()).items()}
    return found


def choices(author: User, chosen: str) -> list[tuple[str, object]]:
    """Return whom an author may write to, as a form's field takes it: everybody, then each kind under its title.

    Of very many of a kind only the first; what is `chosen` already is always there.
    """
    found = [
        (audience.title, [(f"{kind}.{pk}", name) for pk, name in audience.choices(author)[:MOST_LISTED]])
        for kind, audience in kinds.items()
    ]
    listed = {ALL, *(name for _, members in found for name, _ in members)}
    others = [(chosen, labels([chosen])[chosen])] if chosen not in listed and is_open_to(author, chosen) else []
    return [*others, (ALL, "Everybody"), *((title, members) for title, members in found if members)]


def is_open_to(author: User, name: str) -> bool:
    """Return whether an author may write to an audience: only staff announce, and to what they may choose."""
    if not (author.is_active and author.is_staff):
        return False
    kind, pk = _split(name)
    return kind == ALL or (bool(kind) and kinds[kind].choices(author).filter(pk=pk).exists())


def staff(user_pks: Collection[int], pks: Collection[int]) -> set[tuple[int, int]]:
    """Let staff follow all announcements and deliveries, and nobody else any."""
    users = get_user_model().objects.filter(pk__in=user_pks, is_staff=True, is_active=True)
    return {(user_pk, pk) for user_pk in users.values_list("pk", flat=True) for pk in pks}


def _split(name: str) -> tuple[str, int]:
    """Return kind and primary key; an empty kind for a name that is none."""
    return (ALL, 0) if name == ALL else split(name, kinds) or ("", 0)
