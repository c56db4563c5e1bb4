"""How the doctor tries things: as a page, a worker and the site itself would do them."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from celery import signature
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels_redis.utils import create_pool
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from notifications.live.door import push_html
from notifications.live.people import session_store

PATIENCE = 5.0
"""Seconds in which each part must answer."""


async def ask_redis(host: dict[str, Any]) -> tuple[str, float, datetime]:
    """Return the version of a Redis of the channel layer, how many seconds it takes to answer, and its time."""
    pool = create_pool({**host, "socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE})
    async with Redis.from_pool(pool) as server:
        version = (await server.info("server"))["redis_version"]
        times = []
        for _ in range(10):
            began_at = time.perf_counter()
            await server.ping()
            times.append(time.perf_counter() - began_at)
        seconds, microseconds = await server.time()
    return version, median(times), datetime.fromtimestamp(seconds + microseconds / 1e6, tz=UTC)


def timed(action: Callable[[], object]) -> float:
    began_at = time.perf_counter()
    action()
    return time.perf_counter() - began_at


async def push_by_worker() -> float:
    """Have a Celery worker push to a group; return after how many seconds it came out, or raise TimeoutError."""
    group = f"doctor.{uuid4().hex}"
    shared: Any = get_channel_layer()
    channel = await shared.new_channel()
    await shared.group_add(group, channel)
    try:
        # A group is joined when Redis has taken the subscription, which may be after `group_add` and after a worker.
        joined = asyncio.create_task(_arrival(channel, "joined", "this channel layer brings back nothing"))
        while not joined.done():
            await database_sync_to_async(push_html)(group, "joined", "")
            await asyncio.wait({joined}, timeout=0.1)
        await joined
        began_at = time.perf_counter()
        await asyncio.to_thread(signature("notifications.tasks.answer_doctor").delay, group)
        await _arrival(channel, "doctor", "nothing that a worker pushes came through")
    finally:
        await shared.group_discard(group, channel)
    return time.perf_counter() - began_at


async def _arrival(channel: str, event: str, complaint: str) -> None:
    shared: Any = get_channel_layer()
    try:
        async with asyncio.timeout(PATIENCE):
            while (await shared.receive(channel))["event"] != event:
                pass
    except TimeoutError:
        raise TimeoutError(f"{complaint} within {PATIENCE:.0f} s") from None


@contextmanager
def signed_in(user: User) -> Iterator[str]:
    """Give the cookie of a session of this person that ends with the `with` block."""
    session = session_store()()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(60)
    session.create()
    try:
        yield f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    finally:
        session.delete()


async def push_to_page(url: str, cookie: str, user: User) -> float:
    """Push to somebody's socket of the site at `url`, opened as their pages do; return after how many seconds it came.

    ConnectionError if it cannot be opened, TimeoutError if nothing comes out there.
    """
    site = urlsplit(url)
    scheme, path = {"http": "ws", "https": "wss"}[site.scheme], f"{site.path}/ws/live/"
    address = site._replace(scheme=scheme, path=path, query=f"user.{user.pk}=0").geturl()
    origin: Any = f"{site.scheme}://{site.netloc}"
    # Not by `websockets.sync`: over TLS 1.3 it may miss an answer, and then waits for ever whatever its time limit.
    opening = connect(address, origin=origin, additional_headers={"Cookie": cookie}, open_timeout=PATIENCE, proxy=None)
    try:
        socket = await opening
    except (OSError, WebSocketException) as error:
        raise ConnectionError(f"no socket at {address} ({error})") from None
    async with socket, asyncio.timeout(2 * PATIENCE):
        await socket.recv()  # What brings the page up to date: from here on it is live.
        began_at = time.perf_counter()
        html = f"<!-- {uuid4().hex} -->"
        await database_sync_to_async(push_html)(user, "doctor", html)
        while html not in str(await socket.recv()):
            pass
        return time.perf_counter() - began_at
