"""The way to Celery for code that must not wait for it, and what periodic tasks do with each row that they find."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from celery import signature
from django.db import transaction

from notifications import metrics
from notifications.breaker import Breaker

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

_breaker = Breaker("Celery's broker takes no tasks", metrics.tasks_failed)


def enqueue(task: str, *args: Any) -> None:
    """Queue the task of this name, or give up at once when the broker is away: log, count, leave it to a sweeper."""
    # Without a retry, and without a place for a result: for both the caller would wait.
    _breaker.call(partial(signature(task).apply_async, retry=False, ignore_result=True), args)


def enqueue_on_commit(task: str, *args: Any) -> None:
    """Do so once the current transaction has committed."""
    transaction.on_commit(lambda: enqueue(task, *args), robust=True)


def for_each(found: Iterable[Row], do: Callable[[Row], object]) -> None:
    """Do it with each of them; one with which it fails is logged, and does not hold up the others."""
    for row in found:
        try:
            do(row)
        except Exception:
            logger.exception("%s failed for %r", getattr(do, "__name__", do), row)
