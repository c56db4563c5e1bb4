"""Upkeep: what a relay does every few seconds, because Redis may have lost what should have told it."""

import asyncio
import logging
import time
from contextlib import suppress

from notifications.live import streams
from notifications.live.door import CONTROL_GROUP
from notifications.relay.admission import Admission
from notifications.relay.database import in_database
from notifications.relay.relay import Relay
from notifications.relay.tasks import Tasks

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
"""Between two comparisons with the tops of the streams."""
GRACE_SECONDS = 0.3
"""How long after its commit an event may be on its way before it counts as lost."""
RECHECK_SECONDS = 20.0
"""Between two looks at everybody's rights: their changes are announced, but an announcement can be lost."""
BEAT_SECONDS = 25.0
"""Between two frames that say nothing new: a page that hears none of them knows that its connection is lost."""


class Upkeep:
    """Compares a relay with Redis and the database, from its first socket on."""

    def __init__(self, relay: Relay, admission: Admission, tasks: Tasks) -> None:
        self.relay = relay
        self.admission = admission
        self.tasks = tasks
        self.running: asyncio.Task[None] | None = None
        self.look = asyncio.Event()

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self.running is None:
            self.running = self.tasks.spawn(self._run())

    async def find_gaps(self) -> None:
        """Compare the streams of all groups with their tops, and have the relay fetch what it has not relayed."""
        # Whatever is announced from here on may be too late for this look, and calls for another.
        cause = "look" if self.look.is_set() else "check"
        self.look.clear()
        tops = await in_database(streams.tops)(list(self.relay.groups))
        await asyncio.sleep(GRACE_SECONDS)
        for name, top in tops.items():
            if self.relay.seq_of(name) < top:
                self.relay.receive_event({"event": cause, "group": name, "seq": top, "html": None})

    async def _run(self) -> None:
        rechecked_at = beaten_at = time.monotonic()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.look.wait(), CHECK_SECONDS)
            try:
                if missing := {CONTROL_GROUP, *self.relay.groups} - self.relay.subscriptions.taken:
                    await self.relay.subscriptions.add(missing)
                await self.find_gaps()
                if time.monotonic() - rechecked_at > RECHECK_SECONDS:
                    rechecked_at = time.monotonic()
                    await self.admission.recheck(self.relay.everybody)
                if time.monotonic() - beaten_at > BEAT_SECONDS:
                    beaten_at = time.monotonic()
                    await self._beat()
            except Exception:
                logger.exception("The relay's check failed; it is tried again")

    async def _beat(self) -> None:
        # Browsers do not tell pages of pings, and a connection that was lost without a word looks like a quiet one.
        for stream in {socket.stream for socket in self.relay.everybody()}:
            if group := self.relay.groups.get(stream):
                own = [socket for socket in group.sockets if socket.stream == stream]
                await self.relay.fan_out(own, streams.cursor(stream, group.seq or 0))
