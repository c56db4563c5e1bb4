"""The way to Celery for code that must not wait for it: views, signals, commands."""

import logging
from typing import Any

from notifications import metrics
from notifications.breaker import Breaker

logger = logging.getLogger(__name__)

_breaker = Breaker()


def enqueue(task: Any, *args: Any) -> None:
    """Queue a task, or give up at once when the broker is away: log it, count it, and leave it to a sweeper."""
    if _breaker.is_open:
        metrics.tasks_failed.inc()
        return
    try:
        task.delay(*args)
        _breaker.succeeded()
    except Exception as error:
        metrics.tasks_failed.inc()
        if _breaker.failures == 0:
            # One line for each outage: the counter has the rest.
            logger.warning("Celery's broker takes no tasks: %s", str(error) or type(error).__name__)
        _breaker.failed()
