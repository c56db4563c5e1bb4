"""The one door for pushes: render once, send after commit.

    push("chat.12", "shop/push/order_paid.html", {"order": order})
    push(user, "shop/push/order_paid.html", {"order": order})
    notify(user, "Backup finished", url="/backups/7/")

Nothing here raises or stalls when Redis is down: a failed push is logged and counted, and pages that follow a stream
get what it said from the database.
"""

import asyncio
import os
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.db import models, transaction
from django.template.loader import render_to_string

from notifications import inbox, metrics
from notifications.breaker import Breaker
from notifications.models import Inbox, Notification

CONTROL_GROUP = "control"
SEND_TIMEOUT = 0.5
"""Seconds a request may wait for Redis."""


def push(to: str | models.Model, template: str, context: dict[str, Any] | None = None, seq: int | None = None) -> None:
    """Render `template` now and send it, after the current transaction commits, to every page that watches `to`.

    `to` is a group's name or any saved object, whose group is `model.pk` (a chat: `chat.12`, a user: `user.7`). Each
    top-level element replaces the element of its `id`, or says in `hx-swap-oob` what else it does. `seq` is the
    change's place in the stream `to`, if it is one. The event has the template's name, like `new_message`.
    """
    push_html(to, PurePath(template).stem, render_to_string(template, context), seq)


def push_html(to: str | models.Model, event: str, html: str, seq: int | None = None) -> None:
    """Like `push`, for fragments that are rendered already; `event` names what has happened."""
    _send_after_commit({"event": event, "group": group_name(to), "seq": seq, "html": html})


def notify(
    user: User,
    text: str,
    url: str = "",
    *,
    kind: str = Notification.Kind.NOTE,
    subject: str = "",
    key: str | None = None,
) -> Notification:
    """Put a line into a person's inbox and show it on whatever page they have open.

    `subject` names the stream it is about; reading that marks it read. With a `key`, calling again changes nothing.
    `text` is cut to what a line holds. ValueError for a `url` that is neither a path (`/…`) nor `http(s)://…`.
    """
    if url and (not url.startswith(("/", "http://", "https://")) or len(url) > _length("url")):
        raise ValueError(f"A notification leads to a path or an http(s) address, not to {url[:100]!r}.")
    notification, is_new = Inbox.objects.of(user).add(text=_cut(text), url=url, kind=kind, subject=subject, key=key)
    if is_new:
        push_html(user, "notified", inbox.fragments(user.pk, notification.seq - 1), notification.seq)
    return notification


def mark_read(user: User, **which: Any) -> int:
    """Mark a person's unread notifications that match `which` as read on all their pages; return how many."""
    own = Inbox.objects.of(user)
    count = own.mark_read(**which)
    if count:
        push_html(user, "notifications_read", inbox.fragments(user.pk, own.seq - 1), own.seq)
    return count


def rewrite(key: str, text: str) -> None:
    """Give the notifications of a key, whoever has them, another text on all pages."""
    for notification in Notification.objects.filter(key=key).select_related("inbox__user"):
        own = notification.inbox
        own.rewrite(notification, _cut(text))
        push_html(own.user, "notification_changed", inbox.fragments(own.pk, notification.seq - 1), notification.seq)


def recheck(user_pks: Iterable[int] = (), group: str = "") -> None:
    """Have every server process look again, after commit, at the rights of these people or of a group's sockets."""
    _send_after_commit({"event": "recheck", "group": CONTROL_GROUP, "user_pks": list(user_pks), "of_group": group})


def group_name(to: str | models.Model) -> str:
    """Return the group of `to`: itself if it is a name, else `model.pk`."""
    return to if isinstance(to, str) else f"{to._meta.model_name}.{to.pk}"


def _cut(text: str) -> str:
    limit = _length("text")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _length(field: str) -> int:
    found: Any = Notification._meta.get_field(field)
    return int(found.max_length)


def _send_after_commit(event: dict[str, Any]) -> None:
    transaction.on_commit(lambda: _send(event), robust=True)


_breaker = Breaker("Pages are late, Redis takes no pushes", metrics.pushes_failed)
_starting = threading.Lock()


def _send(event: dict[str, Any]) -> None:
    metrics.pushes.labels(event["event"]).inc()
    _breaker.call(_send_in_loop, event)


def _send_in_loop(event: dict[str, Any]) -> None:
    with _starting:
        loop = _sender_loop(os.getpid())
    asyncio.run_coroutine_threadsafe(_group_send(event), loop).result(2 * SEND_TIMEOUT)


async def _group_send(event: dict[str, Any]) -> None:
    layer: Any = get_channel_layer()
    async with asyncio.timeout(SEND_TIMEOUT):
        await layer.group_send(event["group"], {"type": "relay.event", **event})


@lru_cache(maxsize=1)
def _sender_loop(pid: int) -> asyncio.AbstractEventLoop:
    # async_to_sync() would make an event loop, and so a Redis connection, for every single push: 2.7 ms against
    # 0.2 ms. One loop is kept for each process; the pid is in the key because a forked worker has no such thread.
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="push-sender", daemon=True).start()
    return loop
