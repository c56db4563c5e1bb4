"""Off switches for the product's mechanisms, and gates in its way: what a fault's test must notice.

The variable `HANDICAPS` names them. Nothing of this is in the product: an app of the test's settings replaces functions
of the product while it starts.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import AppConfig


def no_self_check() -> None:
    """The relay never compares itself with the database."""
    from notifications.relay.upkeep import Upkeep

    async def find_nothing(self: Any) -> None:
        pass

    replace(Upkeep, "find_gaps", find_nothing)


def no_gap_fetch() -> None:
    """The relay passes on what comes, and takes a number that is missing for one that it has had."""
    from notifications.live import streams
    from notifications.relay.relay import Relay

    async def pass_on(self: Any, group: Any, events: Any) -> str:
        parts = []
        for event in events:
            if event["html"] is not None and (event["seq"] is None or event["seq"] > (group.seq or 0)):
                parts.append(event["html"])
                group.seq = event["seq"] if event["seq"] is not None else group.seq
        if parts and group.seq is not None:
            parts.append(streams.cursor(group.name, group.seq))
        return "".join(parts)

    replace(Relay, "_in_order", pass_on)


def passes_doubles() -> None:
    """The relay passes on an event it has had already."""
    from notifications.relay.relay import Relay

    in_order = Relay._in_order

    async def with_doubles(self: Any, group: Any, events: Any) -> str:
        return "".join([await in_order(self, group, [event]) or event["html"] or "" for event in events])

    replace(Relay, "_in_order", with_doubles)


def no_replay() -> None:
    """A page that connects is told where the stream is, and not what it has missed."""
    from notifications.live import streams

    def catch_up(name: str, after: int) -> str:
        return streams.cursor(name, streams.tops([name]).get(name, after))

    replace(streams, "catch_up", catch_up)


GATE_SECONDS = 0.5


def slow_replay() -> None:
    """Between joining its groups and reading its replay, a page's socket waits."""
    from notifications.live import streams

    catch_up = streams.catch_up

    def slowly(name: str, after: int) -> str:
        time.sleep(GATE_SECONDS)
        return catch_up(name, after)

    replace(streams, "catch_up", slowly)


def replay_before_join() -> None:
    """A page's socket joins its groups only after it has been read what it missed."""
    from notifications.live import streams
    from notifications.relay.admission import Admission
    from notifications.relay.database import in_database

    async def bring_up(self: Any, sockets: Any, places: Any, replays: Any) -> None:
        html = "".join([await in_database(streams.catch_up)(*place) for place in places])
        await asyncio.sleep(GATE_SECONDS)
        await self.relay.opened({name for socket in sockets for name in socket.groups})
        for socket in sockets:
            # What has come for it until now came to a group that it would not have been in yet.
            socket.owed.clear()
            socket.release(html)

    replace(Admission, "_bring_up", bring_up)


def no_time_limits() -> None:
    """A post waits for Redis as long as redis-py itself does, every time."""
    from notifications.breaker import Breaker
    from notifications.live import door

    replace(door, "SEND_TIMEOUT", 2.0)
    replace(Breaker, "is_open", False)


def no_client_id() -> None:
    """A form that is sent again makes another message."""
    from messaging.chats.models.posting import PostingQuerySet

    post = PostingQuerySet.post

    def anew(self: Any, pk: int, author: Any, body: str, client_id: Any = None, *more: Any, **named: Any) -> Any:
        return post(self, pk, author, body, None, *more, **named)

    replace(PostingQuerySet, "post", anew)


def no_notification_key() -> None:
    """Whoever is told of a message again has another notification of it."""
    from notifications.inbox import bulk

    add = bulk.add_to_all
    replace(bulk, "add_to_all", lambda user_pks, key, **fields: add(user_pks, key=str(uuid.uuid4()), **fields))


def eager_sweeper() -> None:
    """The sweeper does not wait for as long as it should, which would make tests long."""
    from messaging import tasks

    replace(tasks, "SWEEP_AFTER", timedelta(seconds=1))


def no_sweeper() -> None:
    """The sweeper finds nothing."""
    from messaging import tasks

    replace(tasks, "SWEEP_AFTER", timedelta(days=1))


def early_acks() -> None:
    """A worker confirms a task when it begins, and not when it is done."""
    from django.conf import settings

    replace(settings, "CELERY_TASK_ACKS_LATE", False)


def later_apart() -> None:
    """What is due is crossed out first and done after that, and not both in one transaction."""
    from messaging.later import doing
    from messaging.models import Later

    def do(pk: int, now: Any) -> None:
        row = Later.objects.due(now).filter(pk=pk).first()
        if row and Later.objects.filter(pk=pk).delete()[0]:
            # Whoever is killed is killed here.
            time.sleep(0.1)
            (doing._send if row.is_message else doing._remind)(row, row.first_at)

    replace(doing, "_do", do)


def no_recheck() -> None:
    """Nobody announces that rights have ended."""
    import messaging.receivers
    import notifications.receivers

    for module in (messaging.receivers, notifications.receivers):
        replace(module, "recheck_rights", lambda *args, **kwargs: None)


def no_row_lock() -> None:
    """Changes of a chat take the next number of its stream without locking the stream."""
    from messaging.models import Chat

    def read(self: Any, *who: Any, **which: Any) -> None:
        self.refresh_from_db(fields=["seq", "last_number"])

    replace(Chat, "_lock", read)


def deferred_transactions() -> None:
    """SQLite's transactions take the write lock when they first write, and long enough after what they have read."""
    from django.conf import settings

    from messaging.models import Chat

    settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] = "DEFERRED"
    lock = Chat._lock

    def slowly(self: Any, *who: Any, **which: Any) -> None:
        lock(self, *who, **which)
        # So that others write between what was read and what is written: without it that is left to chance.
        time.sleep(0.2)

    replace(Chat, "_lock", slowly)


def no_drain() -> None:
    """A web server that ends leaves its pages to themselves."""
    from notifications.relay import drain

    async def leave() -> None:
        pass

    replace(drain, "drain", leave)


def no_limit_of_owed_bytes() -> None:
    """The relay keeps for a slow reader whatever comes."""
    from notifications.relay import sockets

    replace(sockets, "MAX_OWED_BYTES", 1 << 40)


def no_back_pressure() -> None:
    """Daphne takes whatever is sent, however slow the reader is."""
    # No other process may have it: to import it is to choose Twisted's reactor.
    if Path(sys.argv[0]).parts[-2:] == ("serve", "__main__.py"):
        from project.serve.daphne import WebSocketConnection

        replace(WebSocketConnection, "pauseProducing", lambda self: None)


def listens() -> None:
    """A socket takes in what is said on it."""
    from notifications.relay.consumers import StreamConsumer

    replace(StreamConsumer, "receive", lambda self, message: None)


def no_limit_of_sockets() -> None:
    """One person may have as many sockets as they like."""
    from django.conf import settings

    replace(settings, "SOCKETS_PER_PERSON", 0)


def forgets_nobody() -> None:
    """The relay is not told that a connection has gone."""
    from notifications.relay.consumers import StreamConsumer

    replace(StreamConsumer, "disconnect", lambda self, code: None)


def one_by_one() -> None:
    """Each socket that opens is judged by itself."""
    from notifications.relay import admission

    replace(admission, "BATCH", 1)


HANDICAPS: dict[str, Callable[[], None]] = {
    "no-self-check": no_self_check,
    "no-gap-fetch": no_gap_fetch,
    "passes-doubles": passes_doubles,
    "no-replay": no_replay,
    "slow-replay": slow_replay,
    "replay-before-join": replay_before_join,
    "no-time-limits": no_time_limits,
    "no-client-id": no_client_id,
    "no-notification-key": no_notification_key,
    "eager-sweeper": eager_sweeper,
    "no-sweeper": no_sweeper,
    "early-acks": early_acks,
    "later-apart": later_apart,
    "no-recheck": no_recheck,
    "no-row-lock": no_row_lock,
    "deferred-transactions": deferred_transactions,
    "no-drain": no_drain,
    "no-limit-of-owed-bytes": no_limit_of_owed_bytes,
    "no-back-pressure": no_back_pressure,
    "listens": listens,
    "no-limit-of-sockets": no_limit_of_sockets,
    "forgets-nobody": forgets_nobody,
    "one-by-one": one_by_one,
}


def replace(owner: Any, name: str, by: Any) -> None:
    """Replace what must be there: a switch that turns nothing off would show nothing."""
    assert hasattr(owner, name), f"{owner} has no {name} any more"
    setattr(owner, name, by)


class Handicaps(AppConfig):
    """Applies the handicaps when Django is ready."""

    name = "tests.faults"
    label = "handicaps"

    def ready(self) -> None:
        """Switch off what `HANDICAPS` names."""
        for name in filter(None, os.environ.get("HANDICAPS", "").split(",")):
            HANDICAPS[name]()
