"""A circuit breaker: after a few failures in a row, callers are spared the wait for a while."""

import time


class Breaker:
    """Opens for `pause` seconds after `limit` failures in a row."""

    def __init__(self, limit: int = 2, pause: float = 5.0) -> None:
        self.limit = limit
        self.pause = pause
        self.failures = 0
        self.opened_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls should be skipped now."""
        return self.failures >= self.limit and time.monotonic() - self.opened_at < self.pause

    def succeeded(self) -> None:
        """Note a call that worked: the circuit closes."""
        self.failures = 0

    def failed(self) -> None:
        """Note a call that failed; at the limit the circuit opens, and each failed trial after that keeps it open."""
        self.failures += 1
        self.opened_at = time.monotonic()
