"""Upkeep: what a relay does every few seconds, because Redis may have lost what should have told it."""

import asyncio
import logging
import time
from contextlib import suppress
from functools import partial
from typing import Any

from notifications.live import door, streams
from notifications.relay.admission import Admission
from notifications.relay.database import in_database
from notifications.relay.programs import Program, mark
from notifications.relay.relay import Relay
from notifications.relay.sockets import Socket
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
            if self.relay.is_behind(name, top):
                self.relay.receive_event({"event": cause, "group": name, "seq": top, "html": None})

    async def _run(self) -> None:
        rechecked_at = beaten_at = time.monotonic()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.look.wait(), CHECK_SECONDS)
            try:
                if missing := {door.CONTROL_GROUP, *self.relay.groups} - self.relay.subscriptions.taken:
                    await self.relay.subscriptions.add(missing)
                await door.tell_processes("headcount", **self.relay.headcount.report())
                await self.find_gaps()
                if time.monotonic() - rechecked_at > RECHECK_SECONDS:
                    rechecked_at = time.monotonic()
                    await self.admission.recheck(self.relay.everybody)
                if time.monotonic() - beaten_at > BEAT_SECONDS:
                    beaten_at = time.monotonic()
                    await self.beat()
            except Exception:
                logger.exception("The relay's check failed; it is tried again")

    async def beat(self) -> None:
        """Send every page a frame that says nothing new."""
        # Browsers do not tell pages of pings, and a connection that was lost without a word looks like a quiet one.
        by_stream: dict[str, list[Socket]] = {}
        programs: dict[str, list[Any]] = {}
        for socket in self.relay.everybody():
            if isinstance(socket, Program):
                programs.setdefault(next(iter(socket.streams)), []).append(socket)
            else:
                by_stream.setdefault(next(iter(socket.streams)), []).append(socket)
        for stream, sockets in by_stream.items():
            # Not further than a frame that is just going out: a page that was told so and is cut off would miss it.
            await self.relay.fan_out(sockets, streams.cursor(stream, self.relay.sent_of(stream)))
        for stream, those in programs.items():
            frame = mark(stream, self.relay.heard_of(stream))
            await self.relay.each(those, partial(Program.tell, frame=frame))
