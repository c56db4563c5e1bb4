"""Admission: who may be here.

Sockets that open, and those whose rights may have changed, are judged many at a time: after a cut a thousand pages come
back at once, and a few queries serve them all.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection

from notifications.limits import windows as limits
from notifications.live import streams
from notifications.relay import rights
from notifications.relay.close_codes import CloseCode
from notifications.relay.database import in_database
from notifications.relay.relay import Relay
from notifications.relay.sockets import Socket
from notifications.relay.tasks import Tasks

logger = logging.getLogger(__name__)

BATCH = 500


class Admission:
    """Lets sockets into the groups of a relay, and takes them out when they may not be there any more."""

    def __init__(self, relay: Relay, tasks: Tasks) -> None:
        self.relay = relay
        self.tasks = tasks
        self.arrivals: list[tuple[Socket, int]] = []
        self.admitting: asyncio.Task[None] | None = None
        # One judgement after the other: an older verdict must not be carried out after a newer one.
        self.judging = asyncio.Lock()

    def add(self, socket: Socket, after: int) -> None:
        """Have the socket authorised, joined to its groups, brought up to date from `after`, and kept so."""
        self.arrivals.append((socket, after))
        if self.admitting is None:
            self.admitting = self.tasks.spawn(self._admit_all())

    async def recheck(self, find: Callable[[], Collection[Socket]]) -> None:
        """Judge again the sockets that `find()` returns, and carry out what has changed."""
        async with self.judging:
            # Behind the lock: those who were let in by what held a moment ago are here by now.
            sockets = list(find())
        for start in range(0, len(sockets), BATCH):
            batch = [socket for socket in sockets[start : start + BATCH] if not socket.closed]
            async with self.judging:
                verdicts = await in_database(rights.judge)(batch, CloseCode.NO_LONGER_ALLOWED)
                for socket, verdict in verdicts.items():
                    await self._carry_out(socket, verdict)

    async def _admit_all(self) -> None:
        try:
            while self.arrivals:
                # No timer: those who come while others are judged are the next batch.
                batch, self.arrivals = self.arrivals[:BATCH], self.arrivals[BATCH:]
                await self._or_try_later([socket for socket, _ in batch], self._admit(batch))
        finally:
            self.admitting = None

    async def _admit(self, batch: Collection[tuple[Socket, int]]) -> None:
        alike: dict[tuple[str, int], list[Socket]] = {}
        async with self.judging:
            verdicts = await in_database(_judge)([socket for socket, _ in batch])
            for socket, after in batch:
                verdict = verdicts[socket]
                if isinstance(verdict, CloseCode):
                    self.relay.close(socket, verdict)
                elif self.relay.enter(socket, verdict):
                    alike.setdefault((socket.stream, after), []).append(socket)
        for (stream, after), sockets in alike.items():
            self.tasks.spawn(self._or_try_later(sockets, self._bring_up(sockets, stream, after)))

    async def _bring_up(self, sockets: Collection[Socket], stream: str, after: int) -> None:
        # In this order nothing falls between: what commits before the join is replayed, what comes after it is live.
        await self.relay.opened({name for socket in sockets for name in socket.groups})
        html = await in_database(streams.catch_up)(stream, after)
        await self.relay.each(sockets, lambda socket: socket.release(html))

    async def _carry_out(self, socket: Socket, verdict: rights.Verdict) -> None:
        if socket.closed:
            return
        if isinstance(verdict, CloseCode):
            self.relay.close(socket, verdict)
            return
        self.relay.leave(socket, socket.groups - verdict.groups)
        if fresh := verdict.groups - socket.groups:
            self.relay.join(socket, fresh)
            await self.relay.opened(fresh)
            # What was said in the new groups before this process joined them.
            seq = self.relay.seq_of(socket.stream)
            socket.offer({"type": "websocket.send", "text": await in_database(streams.catch_up)(socket.stream, seq)})

    async def _or_try_later(self, sockets: Collection[Socket], work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("Sockets could not be brought up to date; their pages come back")
            for socket in sockets:
                self.relay.close(socket, CloseCode.TRY_LATER)


def _judge(arrivals: Collection[Socket]) -> dict[Socket, rights.Verdict]:
    """Judge those who have just come; an address that comes too often is not even asked for its session."""
    often = {
        address
        for address, times in Counter(socket.address for socket in arrivals).items()
        if not limits.allowed("handshakes", address, times=times)
    }
    others = [socket for socket in arrivals if socket.address not in often]
    return {**dict.fromkeys(arrivals, CloseCode.TOO_MANY), **rights.judge(others, CloseCode.NOT_FOUND)}
