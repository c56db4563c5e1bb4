"""Admission: who may be here.

Sockets that open, and those whose rights may have changed, are judged many at a time: after a cut a thousand pages come
back at once, and a few queries serve them all.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from notifications.limits import windows as limits
from notifications.live import streams
from notifications.relay import rights
from notifications.relay.close_codes import CloseCode
from notifications.relay.database import in_database
from notifications.relay.programs import Program, mark
from notifications.relay.relay import Relay
from notifications.relay.replays import DataReplays
from notifications.relay.returns import Returns
from notifications.relay.sockets import Socket
from notifications.relay.tasks import Tasks

logger = logging.getLogger(__name__)

BATCH = 500
STREAMS_PER_SOCKET = 50
"""A batch's streams of one kind are asked for by one query, and SQLite may take no more than 32,766 values in it."""

SHARED_SECONDS = 1.0
"""For how long those who arrive may share what was rendered for others."""

Places = tuple[tuple[str, int], ...]
"""Streams, each with the place from which on a page lacks it."""
Replays = dict[tuple[str, int, int], asyncio.Future[str]]
"""What each place lacks, by how far the stream had been relayed when it was asked for."""


class Admission:
    """Lets sockets into the groups of a relay, and takes them out when they may not be there any more."""

    def __init__(self, relay: Relay, tasks: Tasks) -> None:
        self.relay = relay
        self.tasks = tasks
        self.arrivals: list[Socket] = []
        self.admitting: asyncio.Task[None] | None = None
        # One judgement after the other: an older verdict must not be carried out after a newer one.
        self.judging = asyncio.Lock()
        self.shared: Replays = {}
        self.programs = DataReplays(relay)
        self.returns = Returns()

    def add(self, socket: Socket) -> None:
        """Have the socket authorised, joined to its groups, brought up to date, and kept so."""
        self.arrivals.append(socket)
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

    async def bring_up_again(self, sockets: Collection[Socket]) -> None:
        """Send the sockets what their streams show without a place in them: some of that has been lost on its way."""
        for socket in sockets:
            if isinstance(socket, Program):
                continue  # It is told of what has a place, and of nothing else.
            for name in [name for name in socket.streams if not streams.seq_says_all(name)]:
                html = await in_database(streams.catch_up)(name, self.relay.seq_of(name))
                if name in socket.streams:
                    socket.offer({"type": "websocket.send", "text": html})

    async def _admit_all(self) -> None:
        try:
            while self.arrivals:
                # No timer: those who come while others are judged are the next batch.
                batch, self.arrivals = self.arrivals[:BATCH], self.arrivals[BATCH:]
                await self._or_try_later(batch, self._admit(batch))
        finally:
            self.admitting = None

    async def _admit(self, batch: Collection[Socket]) -> None:
        alike: dict[tuple[type[Socket], Places], list[Any]] = {}
        async with self.judging:
            verdicts = await in_database(_judge)(batch)
            for socket in batch:
                verdict = verdicts[socket]
                if isinstance(verdict, CloseCode):
                    self.relay.close(socket, verdict, self.returns.pause(socket))
                elif self.relay.enter(socket, verdict):
                    self._take_away(socket, socket.streams.keys() - verdict.streams.keys())
                    alike.setdefault((type(socket), tuple(socket.streams.items())), []).append(socket)
        replays: Replays = {}
        for (kind, places), sockets in alike.items():
            bring_up = self.programs.bring_up(sockets) if kind is Program else self._bring_up(sockets, places, replays)
            self.tasks.spawn(self._or_try_later(sockets, bring_up))

    async def _bring_up(self, sockets: Collection[Socket], places: Places, replays: Replays) -> None:
        # In this order nothing falls between: what commits before the join is replayed, what comes after it is live.
        await self.relay.opened({name for socket in sockets for name in socket.groups})
        html = "".join(await asyncio.gather(*(self._replay(*place, replays) for place in places)))
        await self.relay.each(sockets, lambda socket: socket.release(html))

    async def _replay(self, name: str, after: int, replays: Replays) -> str:
        seq = self.relay.seq_of(name)
        says_all = streams.seq_says_all(name)
        if says_all and after == seq:
            # Its sockets have joined: whatever is newer than what has been relayed, they will be sent.
            return streams.cursor(name, after)
        # So until more is relayed, what was rendered for those before is as good for those who join now.
        replays, key = self.shared if says_all else replays, (name, after, seq)
        if key not in replays:
            replays[key] = asyncio.ensure_future(in_database(streams.catch_up)(name, after))
            asyncio.get_running_loop().call_later(SHARED_SECONDS, replays.pop, key, None)
        try:
            return await replays[key]
        except Exception:
            replays.pop(key, None)
            raise

    async def _carry_out(self, socket: Socket, verdict: rights.Verdict) -> None:
        if socket.closed:
            return
        if isinstance(verdict, CloseCode):
            self.relay.close(socket, verdict)
            return
        over = socket.streams.keys() - verdict.streams.keys()
        if over and (socket.owed is not None or (isinstance(socket, Program) and socket.is_replayed)):
            # What it is still owed may be of what it may not see any more.
            self.relay.close(socket, CloseCode.TRY_LATER)
            return
        self._take_away(socket, over)
        self.relay.leave(socket, socket.groups - verdict.groups)
        for stream, groups in verdict.streams.items():
            if fresh := groups - socket.groups:
                self.relay.join(socket, fresh)
                await self.relay.opened(fresh)
                # What was said in the new groups before this process joined them.
                if isinstance(socket, Program):
                    socket.tell(mark(stream, socket.streams[stream], "changed"))
                    continue
                html = await in_database(streams.catch_up)(stream, self.relay.seq_of(stream))
                socket.offer({"type": "websocket.send", "text": html})

    def _take_away(self, socket: Socket, over: Collection[str]) -> None:
        for stream in over:
            place = socket.streams.pop(stream)
            if isinstance(socket, Program):
                socket.offer(mark(stream, max(place, 0), "over").message)
            else:
                socket.offer({"type": "websocket.send", "text": streams.over(stream)})

    async def _or_try_later(self, sockets: Collection[Socket], work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("Sockets could not be brought up to date; their pages come back")
            for socket in sockets:
                self.relay.close(socket, CloseCode.TRY_LATER)


def _judge(arrivals: Collection[Socket]) -> dict[Socket, rights.Verdict]:
    """Judge those who have just come; one that comes too often, or asks for too much, not even by its session."""
    often = {
        address
        for address, times in Counter(socket.address for socket in arrivals).items()
        if not limits.allowed("handshakes", address, times=times)
    }
    others = [
        socket for socket in arrivals if socket.address not in often and len(socket.streams) <= STREAMS_PER_SOCKET
    ]
    return {**dict.fromkeys(arrivals, CloseCode.TOO_MANY), **rights.judge(others, CloseCode.NOT_FOUND)}
