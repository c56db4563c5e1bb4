"""The way to Celery for code that must not wait for it, and what periodic tasks do with each row that they find."""

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from celery import current_app, signature
from django.db import transaction
from kombu.pools import ProducerPool

from notifications import metrics
from notifications.breaker import Breaker

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

BOUNDS = {"max_retries": 0, "socket_timeout": 0.4, "socket_connect_timeout": 0.4}
"""What a request waits for the broker at most, in seconds, unless the project's own broker_transport_options say."""
MOST_AT_ONCE = 10

_breaker = Breaker("Celery's broker takes no tasks", metrics.tasks_failed)


def enqueue(task: Any, *args: Any) -> None:
    """Queue a task, or the one of this name; where the broker is away log it, count it and leave it to a sweeper.

    No result of it is kept: for a place for that, the caller would wait as well.
    """
    _breaker.call(_enqueue, _registered(task) if isinstance(task, str) else task, args)


def enqueue_on_commit(task: Any, *args: Any) -> None:
    """Do so once the current transaction has committed."""
    transaction.on_commit(lambda: enqueue(task, *args), robust=True)


def load() -> None:
    """Load what the first task needs, and connect to the broker if that is there."""
    current_app.loader.import_default_modules()
    current_app.finalize()
    _ = current_app.backend
    # Whoever waits for the broker's first task should wait for no connection.
    producer: Any
    with suppress(Exception), _producers(os.getpid()).acquire(block=True) as producer:
        producer.connection.ensure_connection(max_retries=0)


def _registered(name: str) -> Any:
    if name not in current_app.tasks:
        # Only workers load what tasks there are by themselves.
        current_app.loader.import_default_modules()
    return current_app.tasks.get(name) or signature(name)


def _enqueue(task: Any, args: Any) -> None:
    with _producers(os.getpid()).acquire(block=True) as producer:
        task.apply_async(args, producer=producer, retry=False, ignore_result=True)


@lru_cache(maxsize=1)
def _producers(pid: int) -> ProducerPool:
    # Celery's own may try for seconds to connect. The pid is in the key because a forked worker must not share sockets.
    connection = current_app.connection_for_write()
    connection.transport_options = {**BOUNDS, **(connection.transport_options or {})}
    return ProducerPool(connection.Pool(MOST_AT_ONCE), limit=MOST_AT_ONCE)


def for_each(found: Iterable[Row], do: Callable[[Row], object]) -> None:
    """Do it with each of them; one with which it fails is logged, and does not hold up the others."""
    for row in found:
        try:
            do(row)
        except Exception:
            logger.exception("%s failed for %r", getattr(do, "__name__", do), row)
