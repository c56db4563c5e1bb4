"""The one door for pushes: rendered once, sent after commit.

    push(order, "shop/push/order_paid.html", {"order": order})
    push([alice, bob], "shop/push/order_paid.html", {"order": order})
    push(EVERYBODY, "shop/push/closed.html")

Nothing here raises or stalls when Redis is down: a failed push is logged and counted, and pages that follow a stream
get what it said from the database; all pages of the group do if it had no place in a stream, once Redis is back.
"""

import asyncio
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any, TypeAlias

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from notifications import metrics
from notifications.breaker import Breaker
from notifications.live import streams

CONTROL_GROUP = "control"
EVERYBODY = "everybody"
"""The group of all who are signed in: the socket that every page has is in it."""
SEND_TIMEOUT = 0.4
"""Seconds a request may wait for Redis."""
SENT_AT_ONCE = 500
"""Events for so many groups go out in one trip, which takes a fifth of that time."""

Event: TypeAlias = dict[str, Any]
Recipient: TypeAlias = str | models.Model
"""The pages of a saved object, whose group is `model.pk` (a chat: `chat.12`), of a person (always `user.7`), or of a
named group."""
To: TypeAlias = Recipient | Iterable[Recipient]
Envelope: TypeAlias = Callable[[str, str, int | None], str]
"""What is made of the rendered HTML for one group, at its place in that group's stream if it is one."""


def push(to: To, template: str, context: dict[str, Any] | None = None, seq: int | None = None) -> None:
    """Render `template` once and send it, after the current transaction commits, to every page that watches `to`.

    Each top-level element replaces the element of its `id`, or says in `hx-swap-oob` what else it does. `seq` is the
    change's place in the stream `to`, for one that counts by itself. The event has the template's name. ValueError for
    an object that is not saved, and for what is no recipient.
    """
    publish(to, PurePath(template).stem, partial(render_to_string, template, context), seq)


def push_html(to: To, event: str, html: str, seq: int | None = None) -> None:
    """Like `push`, for fragments that are rendered already; `event` names what has happened."""
    publish(to, event, lambda: html, seq)


def push_soon(to: To, seq: int) -> None:
    """Have every page that follows the stream `to` shown what it lacks up to `seq`, within a quarter of a second.

    Each process reads that from the stream's `changes`, once for all that comes in this time: for what many do at once.
    """
    if not _suppressed.get():
        _send_after_commit(*({"event": "soon", "group": group, "seq": seq, "html": None} for group in group_names(to)))


def publish(
    to: To,
    event: str,
    render: Callable[[], str],
    seq: int | None = None,
    envelope: Envelope = lambda html, group, seq: html,
) -> None:
    """Send what `render()` returns, called once, to each group in an envelope of its own."""
    groups = group_names(to)
    if groups and not _suppressed.get():
        # The places are taken first: whoever takes the next one waits for this commit, and renders what it has changed.
        places = [(group, streams.take_seq(group) if seq is None else seq) for group in groups]
        with timezone.override(None):
            html = render()
        _send_after_commit(
            *(
                {"event": event, "group": group, "seq": place, "html": envelope(html, group, place)}
                for group, place in places
            )
        )


def render_push(template: str, context: dict[str, Any] | None = None) -> str:
    """Render fragments for `push_html` as `push` does: by the site's clock, not by that of whoever causes it."""
    with timezone.override(None):
        return render_to_string(template, context)


apush = database_sync_to_async(push)
"""`push` for `async def`."""

_suppressed: ContextVar[bool] = ContextVar("suppressed", default=False)


@contextmanager
def suppress_pushes() -> Iterator[None]:
    """Render and send nothing of what is pushed in this block, by this thread or task, also when it commits later."""
    token = _suppressed.set(True)
    try:
        yield
    finally:
        _suppressed.reset(token)


_collected: ContextVar[list[Event] | None] = ContextVar("collected", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Send what is pushed in this block in one trip to Redis instead of one for each; for a block after the commit."""
    events: list[Event] = []
    token = _collected.set(events)
    try:
        yield
    finally:
        _collected.reset(token)
        if events:
            _send(events)


def recheck_rights(user_pks: Iterable[int] = (), group: str = "") -> None:
    """Have every server process judge again, after commit, the rights of these people or of a group's sockets."""
    _send_after_commit({"event": "recheck", "group": CONTROL_GROUP, "user_pks": list(user_pks), "of_group": group})


def recheck_streams() -> None:
    """Have every server process fetch, after commit, what its streams lack: for changes too many to push one by one."""
    _send_after_commit({"event": "look", "group": CONTROL_GROUP})


async def tell_processes(event: str, **what: Any) -> None:
    """Tell every server process something that is said again soon, and so may be lost."""
    with suppress(Exception):
        await _send_all([{"event": event, "group": CONTROL_GROUP, **what}])


def group_name(to: Recipient) -> str:
    """Return the group of `to`: itself if it is a name, else `model.pk`; ValueError if nobody can watch it."""
    if isinstance(to, models.Model):
        if to.pk is None or to._state.adding:
            raise ValueError(f"Save {to!r} before you push to it: its group is named by its primary key.")
        return streams.of_person(to.pk) if isinstance(to, get_user_model()) else f"{to._meta.model_name}.{to.pk}"
    if isinstance(to, str) and re.fullmatch(r"[\w.-]{1,99}", to, re.ASCII):
        return to
    raise ValueError(f"A push goes to a saved object, to EVERYBODY or to a group's name like order.5, not to {to!r}.")


def group_names(to: To) -> list[str]:
    """Return the groups of one recipient or of many, each once; sorted, so that all pushes lock them one way."""
    many = to if isinstance(to, Iterable) and not isinstance(to, str | models.Model) else [to]
    return sorted({group_name(recipient) for recipient in many})


def _send_after_commit(*events: Event) -> None:
    def send() -> None:
        collected = _collected.get()
        if collected is None:
            _send(events)
        else:
            collected.extend(events)

    transaction.on_commit(send, robust=True)


_breaker = Breaker("Pages are late, Redis takes no pushes", metrics.pushes_failed)
_starting = threading.Lock()
_missing: set[str] = set()
"""Groups that have not been sent what has no place in their stream, so that no gap tells of it."""


def _send(events: Sequence[Event]) -> None:
    for event in events:
        metrics.pushes.labels(event["event"]).inc()
    for start in range(0, len(events), SENT_AT_ONCE):
        some = events[start : start + SENT_AT_ONCE]
        if not _breaker.call(_send_in_loop, some):
            _missing.update(event["group"] for event in some if "seq" in event and event["seq"] is None)


def _send_in_loop(events: Sequence[Event]) -> None:
    with _starting:
        loop = _sender_loop(os.getpid())
    asyncio.run_coroutine_threadsafe(_send_all(events), loop).result(2 * SEND_TIMEOUT)


async def _send_all(events: Sequence[Event]) -> None:
    layer: Any = get_channel_layer()
    if missing := frozenset(_missing):
        events = [*events, {"event": "missing", "group": CONTROL_GROUP, "groups": [*missing]}]
    async with asyncio.timeout(SEND_TIMEOUT):
        await asyncio.gather(*(layer.group_send(event["group"], {"type": "relay.event", **event}) for event in events))
    _missing.difference_update(missing)


def load() -> None:
    """Load what the first push needs, and connect to Redis if that is there."""
    with _starting:
        loop = _sender_loop(os.getpid())
    asyncio.run_coroutine_threadsafe(_connect(), loop).result(2 * SEND_TIMEOUT)


async def _connect() -> None:
    # To a group that nobody is in: whoever waits for the first push waits for no connection.
    with suppress(Exception):
        await _send_all([{"event": "begun", "group": "nobody"}])


@lru_cache(maxsize=1)
def _sender_loop(pid: int) -> asyncio.AbstractEventLoop:
    # async_to_sync() would make an event loop, and so a Redis connection, for every single push: 2.7 ms against
    # 0.2 ms. One loop is kept for each process; the pid is in the key because a forked worker has no such thread.
    # The layer's code is loaded here, before the time limit runs: that takes 0.1 s, and long on a busy machine.
    get_channel_layer()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="push-sender", daemon=True).start()
    return loop
