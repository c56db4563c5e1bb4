"""The index as it is kept: with each message in its transaction, and from time to time over what is behind."""

import time
from collections.abc import Collection
from datetime import timedelta
from types import ModuleType
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from messaging.messages.models import Message
from messaging.pins.models import NAME as PIN
from messaging.search import postgresql, sqlite
from messaging.search.models import Indexing, newest
from messaging.search.terms import document

ENGINES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
BATCH = 500
SECONDS = 10.0
"""For so long one task goes over what is behind; the next one goes on."""
RECENT = 1000
"""Of so many messages each task makes sure that they are there: an old release indexes none while a new one comes."""
EDITED, EDITED_RECENT = timedelta(minutes=5), 10_000
"""Of so many it indexes anew what was edited within that time: an old release leaves what was there."""


def engine() -> ModuleType:
    """Return the module that reads and writes the index on this database."""
    return ENGINES[connection.vendor]


def posted(instance: Message, created: bool, **kwargs: Any) -> None:
    """Index a message in the transaction that posts it."""
    if created:
        engine().write([document(instance)])


def changed(message: Message, **kwargs: Any) -> None:
    """Follow an edit or a deletion in its transaction."""
    if message.deleted_at:
        engine().forget(message.pk)
    else:
        engine().write([document(message)])


def part_changed(message: Message, name: str, **kwargs: Any) -> None:
    """Follow what is pinned, in the same transaction."""
    if name == PIN:
        # Its text may have been edited since it was read here.
        _write([message.pk])


def keep_trigger(**kwargs: Any) -> None:
    """Have deletions be followed, whoever makes them."""
    engine().keep_trigger()


def catch_up(seconds: float = SECONDS) -> None:
    """Index what is behind, the newest first; return when that is done, or after this time."""
    keep_trigger()
    last = newest()
    edited = Message.objects.filter(pk__gt=last - EDITED_RECENT, edited_at__gte=timezone.now() - EDITED)
    _index({*engine().missing(last - RECENT), *edited.filter(deleted_at=None).values_list("pk", flat=True)})
    state, end = Indexing.now(), time.monotonic() + seconds
    while state.behind and (began := time.monotonic()) < end:
        behind = Message.objects.filter(pk__lte=state.behind, deleted_at=None).order_by("-pk")
        pks = list(behind.values_list("pk", flat=True)[:BATCH])
        _index(pks)
        state.done_above(pks[-1] - 1 if pks else 0)
        # SQLite has one writer at a time: whoever wants to say something goes before.
        time.sleep(time.monotonic() - began)


def _index(pks: Collection[int]) -> None:
    # One who waits holds nothing that others wait for: an edit locks several messages, in an order of its own.
    for pk in set(pks) - _write(pks, skip_locked=True):
        _write([pk])


def _write(pks: Collection[int], *, skip_locked: bool = False) -> set[int]:
    """Index messages that nobody changes meanwhile; return which there are."""
    with transaction.atomic():
        locked = Message.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
        found = list(locked.select_related("chat").filter(pk__in=pks, deleted_at=None))
        if found:
            engine().write([document(message) for message in found])
    return {message.pk for message in found}
