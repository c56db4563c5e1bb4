"""Replays: what programs that come lack, read in parts until they are as far as those that are here."""

import asyncio
from collections.abc import Collection
from functools import partial

from notifications.live import streams
from notifications.relay.database import in_database
from notifications.relay.programs import NOW, Frame, Program, frames_of, mark
from notifications.relay.relay import Relay

SHARED_SECONDS = 1.0
"""For how long those who arrive may share what was read for others."""

Part = tuple[int, list[Frame]]
"""How far some of a replay goes, and its frames."""


class DataReplays:
    """Brings programs up to date that have joined their groups."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.shared: dict[tuple[str, int, int], asyncio.Future[Part]] = {}

    async def bring_up(self, programs: Collection[Program]) -> None:
        """Tell programs that follow the same streams from the same places what they lack, and then what comes."""
        await self.relay.opened({name for program in programs for name in program.groups})
        places = dict(next(iter(programs)).streams)
        for name, place in places.items():
            if place == NOW:
                places[name] = self.relay.told_of(name)
                self._move(programs, name, places[name])
            else:
                places[name] = await self._part(programs, name, place)
        # No further than what is live: those of the group are told the rest as it comes, and so are these from then on.
        while lacking := [name for name in places if places[name] < self.relay.told_of(name)]:
            for program in programs:
                await program.has_read()
            for name in lacking:
                seq = await self._part(programs, name, places[name])
                # What has been deleted meanwhile has nothing to tell, however far it had come.
                places[name] = seq if seq > places[name] else self.relay.told_of(name)
        for program in programs:
            program.is_replayed = False
        for name, place in places.items():
            await self.relay.each(programs, partial(Program.tell, frame=mark(name, place)))

    async def _part(self, programs: Collection[Program], name: str, after: int) -> int:
        seq, frames = await self._read(name, after)
        if seq < after:
            # It has been where this database never was: what it knows of the stream is of another.
            frames = [mark(name, seq, "reset")]
            self._move(programs, name, seq)
        for frame in frames:
            await self.relay.each(programs, partial(Program.replay, frame=frame))
        return seq

    async def _read(self, name: str, after: int) -> Part:
        # Until more is told, what was read for those before is as good for those who join now.
        key = (name, after, self.relay.told_of(name))
        if key not in self.shared:
            self.shared[key] = asyncio.ensure_future(_read(name, after))
            asyncio.get_running_loop().call_later(SHARED_SECONDS, self.shared.pop, key, None)
        try:
            return await self.shared[key]
        except Exception:
            self.shared.pop(key, None)
            raise

    def _move(self, programs: Collection[Program], name: str, seq: int) -> None:
        for program in programs:
            if name in program.streams:
                program.streams[name] = seq


async def _read(name: str, after: int) -> Part:
    data = await in_database(streams.data)(name, after)
    return data.seq, frames_of(name, data.entries)
