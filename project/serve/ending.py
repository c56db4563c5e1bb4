"""How a web server ends: at the first signal in peace, at the second at once, and never later than promised."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable

from notifications.relay import drain

SIGNALS = (signal.SIGTERM, signal.SIGINT)
ANSWER_SECONDS = 2.0
"""How long the peers of closed sockets may take to answer; nothing is lost with those that do not."""
LATE_SECONDS = 0.2
"""How long a connection that was accepted last may take to say what it wants."""
REQUESTS_BY = 17.0
"""Seconds from the signal at which running requests are cut off."""
GONE_BY = 19.0
"""Seconds from the signal at which the process is gone, whatever still hangs in it."""


class Ending:
    """Calls `begin` at the first SIGTERM or SIGINT of the event loop's process."""

    def __init__(self, loop: asyncio.AbstractEventLoop, begin: Callable[[], None]) -> None:
        self.loop = loop
        self.begin = begin
        for number in SIGNALS:
            loop.add_signal_handler(number, self._start)

    def _start(self) -> None:
        for number in SIGNALS:
            self.loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        self.limit = time.monotonic() + REQUESTS_BY
        # A view that hangs in a thread would be waited for, without limit, by the interpreter itself.
        last_resort = threading.Timer(GONE_BY, os._exit, [0])
        last_resort.daemon = True
        last_resort.start()
        drain.begun.set()
        self.begin()

    def seconds_left(self) -> float:
        """Return how long requests may still run."""
        return max(0.0, self.limit - time.monotonic())


async def until(fact: Callable[[], object], seconds: float) -> None:
    """Wait until `fact()` is true, or until the time is over."""
    limit = time.monotonic() + seconds
    while not fact() and time.monotonic() < limit:  # noqa: ASYNC110 - what both servers can tell is asked, not awaited
        await asyncio.sleep(0.02)
