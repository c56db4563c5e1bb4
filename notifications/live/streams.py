"""Streams: sequences of changes that a page can follow without gaps.

A stream has a name, `kind.pk` (`chat.12`, `user.7`), which is also the name of the group its changes are pushed to, and
a `seq` that grows by one with every change. The database is the truth and a push is only a hint: whoever has seen
everything up to `after` asks `changes` for the rest.
"""

from collections.abc import Collection, Container, Sequence
from typing import Any, NamedTuple

from django.utils.html import format_html

from notifications.http import whole_number


class Changes(NamedTuple):
    """What a page that has seen everything up to some `after` lacks: fragments, and the `seq` they bring it to."""

    seq: int
    html: str


class Data(NamedTuple):
    """What a program that has handled everything up to some `after` lacks, and the `seq` that this brings it to.

    Each of the `entries`, in the order of their `seq`, has a `seq` of its own, a `type`, and fields that JSON can say.
    """

    seq: int
    entries: Sequence[dict[str, Any]]


class Stream:
    """One kind of stream, as its pages and the relay need it; an app registers one object for each kind it has."""

    seq_says_all = False
    """Whether a page at the newest `seq` lacks nothing, so that nobody need ask `changes` for it."""

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        """Return the groups that each of the `(user_pk, stream_pk)` pairs gives; a pair left out has no access."""
        return {}

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        """Return the newest committed `seq` of each stream; none for a kind that only pushes and keeps nothing."""
        return {}

    def changes(self, pk: int, after: int) -> Changes:
        """Render everything that changed after `after`: all of it or, past a bound, the whole list afresh."""
        return Changes(after, "")

    def data(self, pk: int, after: int) -> Data:
        """Return what changed after `after` for programs: all of it, or the first of it up to the returned `seq`.

        No two entries have the same `seq`: whoever is cut off between them would not be sent the second again. A kind
        that has no data says only that something has changed.
        """
        seq = self.tops([pk]).get(pk, after)
        return Data(seq, [{"seq": seq, "type": "changed"}] if after < seq else [])

    def take_seq(self, pk: int) -> int | None:
        """Take the next `seq` for a push that brings none; None for a kind that counts its changes by itself."""
        return None


_kinds: dict[str, Stream] = {}

OF_A_PERSON = "user"
"""The kind of everyone's own stream, whatever the project's model of people is called."""


def of_person(user_pk: int) -> str:
    """Return the name of the stream, and so of the group, of what reaches this person on every page."""
    return f"{OF_A_PERSON}.{user_pk}"


def register(kind: str, stream: Stream) -> None:
    """Make `stream` answer for all streams named `kind.…`."""
    _kinds[kind] = stream


def split(name: str, kinds: Container[str] | None = None) -> tuple[str, int] | None:
    """Return the kind and primary key in a name like `chat.12`, or None if it is not of a kind among these.

    Without `kinds` they are those of streams.
    """
    kind, _, digits = name.partition(".")
    pk = whole_number(digits)
    return None if pk is None or kind not in (_kinds if kinds is None else kinds) else (kind, pk)


def get(kind: str) -> Stream:
    """Return the registered stream of this kind; KeyError if there is none."""
    return _kinds[kind]


def is_open_to(user_pk: int, name: str) -> bool:
    """Return whether a person may follow the named stream."""
    kind, pk = split(name) or ("", 0)
    return bool(kind and get(kind).groups({(user_pk, pk)}))


def tops(names: Collection[str]) -> dict[str, int]:
    """Return the newest `seq` of each named stream, with one query for each kind among them."""
    pks_by_kind: dict[str, list[int]] = {}
    for name in names:
        if found := split(name):
            pks_by_kind.setdefault(found[0], []).append(found[1])
    return {f"{kind}.{pk}": seq for kind, pks in pks_by_kind.items() for pk, seq in get(kind).tops(pks).items()}


def take_seq(name: str) -> int | None:
    """Take the next `seq` of the named stream for a push to it; None for a group where pushes are not counted."""
    found = split(name)
    return get(found[0]).take_seq(found[1]) if found else None


def changes(name: str, after: int) -> Changes:
    """Return the changes of the named stream after `after`; KeyError if there is no such kind."""
    kind, pk = split(name) or ("", 0)
    return get(kind).changes(pk, after)


def data(name: str, after: int) -> Data:
    """Return what changed in the named stream after `after`, for programs; KeyError if there is no such kind."""
    kind, pk = split(name) or ("", 0)
    return get(kind).data(pk, after)


def catch_up(name: str, after: int) -> str:
    """Render a page's way from `after` to now: what it lacks, and the cursor that says how far it then is."""
    seq, html = changes(name, after)
    return html + cursor(name, seq)


def seq_says_all(name: str) -> bool:
    """Return whether a page lacks nothing of the named stream when it is at its newest `seq`."""
    found = split(name)
    return bool(found and get(found[0]).seq_says_all)


def over(name: str) -> str:
    """Return the fragment that tells a page that it may not follow a stream; endings.js acts on it."""
    return format_html("<data value hx-swap-oob=\"innerHTML:[data-socket][data-stream='{}']\" data-over></data>", name)


def cursor(name: str, seq: int) -> str:
    """Return the element that holds a page's place in a stream; it ends every frame and replaces itself."""
    return format_html(
        '<data id="cursor-{}" value data-stream="{}" data-seq="{}" hx-swap-oob="true" hidden></data>',
        name.replace(".", "-"),
        name,
        seq,
    )
