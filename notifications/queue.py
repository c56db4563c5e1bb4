"""The way to Celery for code that must not wait for it: views, signals, commands."""

from typing import Any

from notifications import metrics
from notifications.breaker import Breaker

_breaker = Breaker("Celery's broker takes no tasks", metrics.tasks_failed)


def enqueue(task: Any, *args: Any) -> None:
    """Queue a task, or give up at once when the broker is away: log it, count it, and leave it to a sweeper."""
    _breaker.call(task.delay, *args)
