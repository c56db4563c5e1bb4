"""Programs that come back as soon as they are sent away: what sends them away is held back, longer each time.

A page knows what a close code means (endings.js). Many clients know only to connect again, at once and for ever: one
with a session that had ended was seen to come 900 times in 5 seconds.
"""

import time

from notifications.relay.programs import Program
from notifications.relay.sockets import Socket

FREE = 3
"""So many are sent away at once: several of one person may come together."""
LONGEST_SECONDS = 25.0
"""Daphne gives a handshake up after 30."""
FORGOTTEN_SECONDS = 120.0
"""After so long without a return it begins anew."""
MOST = 10_000
"""So many are remembered: what they come with is for them to choose."""


class Returns:
    """How often each of those who were sent away has been here lately."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], tuple[int, float]] = {}

    def pause(self, socket: Socket) -> float:
        """Count one more who is sent away, and return for how many seconds it is not to hear so; none for a page."""
        if not isinstance(socket, Program):
            return 0
        key, now = (socket.address, socket.token or socket.session_key), time.monotonic()
        times, until = self.seen.pop(key, (0, 0.0))
        times = times + 1 if until > now else 1
        seconds = 0.0 if times <= FREE else min(2.0 ** (times - FREE - 1), LONGEST_SECONDS)
        if len(self.seen) >= MOST:
            del self.seen[next(iter(self.seen))]
        self.seen[key] = times, now + seconds + FORGOTTEN_SECONDS
        return seconds
