"""A circuit breaker: what fails is logged and counted, and after a few failures callers are spared the wait."""

import logging
import time
from collections.abc import Callable
from typing import Any

from prometheus_client import Counter

logger = logging.getLogger(__name__)


class Breaker:
    """Opens for `pause` seconds after `limit` failures in a row; `complaint` is the log's one line for each outage."""

    def __init__(self, complaint: str, failed: Counter, limit: int = 2, pause: float = 5.0) -> None:
        self.complaint = complaint
        self.failed = failed
        self.limit = limit
        self.pause = pause
        self.failures = 0
        self.failed_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are skipped now; when the pause is over, one may try."""
        return self.failures >= self.limit and time.monotonic() - self.failed_at < self.pause

    def call(self, function: Callable[..., Any], *args: Any) -> bool:
        """Call the function, never raise, and return whether it was done; failures and spared calls are counted."""
        if self.is_open:
            self.failed.inc()
            return False
        # The pause is over for one call alone: the others would all wait with it for what is still away.
        self.failed_at = time.monotonic()
        try:
            function(*args)
            self.failures = 0
            return True
        except Exception as error:
            self.failed.inc()
            if self.failures == 0:
                logger.warning("%s: %s", self.complaint, str(error) or type(error).__name__)
            self.failures += 1
            self.failed_at = time.monotonic()
            return False
