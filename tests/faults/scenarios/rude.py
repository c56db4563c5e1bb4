"""Clients that are rude or too many: they are closed as the table says, and nobody else notices."""

import asyncio
import contextlib
import struct
import time
from dataclasses import dataclass
from itertools import cycle

from websockets.frames import Opcode

from notifications.relay.close_codes import CloseCode
from project.serve.inbound import HEAD_SECONDS
from tests.faults.clients import Client, clients, frame
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Person, Site
from tests.faults.watching import Memory, connections, expect_good_service, within

SOCKETS_OF_ONE = 50
ALLOWED_GROWTH = 32
"""Megabytes of memory that rude clients may cost."""
SAID = {
    "a text": frame(Opcode.TEXT, b"hello"),
    "bytes": frame(Opcode.BINARY, b"hello"),
    "nothing": frame(Opcode.TEXT, b""),
    "two at once": frame(Opcode.TEXT, b"hello") * 2,
    "too much": frame(Opcode.TEXT, bytes(1 << 20)),
    "the beginning of a gigabyte": struct.pack("!BBQ4x", 0x80 | Opcode.TEXT, 0x80 | 127, 1 << 30),
}
# A server that closes while it is sent more may end the connection before its reason is read.
TOO_BIG = {1009, 1006}
ANSWERS: dict[str, set[int]] = {
    "a text": {CloseCode.UNEXPECTED_DATA},
    "bytes": {CloseCode.UNEXPECTED_DATA},
    "nothing": {CloseCode.UNEXPECTED_DATA},
    "two at once": {CloseCode.UNEXPECTED_DATA},
    "too much": TOO_BIG,
    "the beginning of a gigabyte": TOO_BIG,
}
FLOODS = [frame(opcode, b"x" * 100) * 9_434 for opcode in (Opcode.TEXT, Opcode.PING)]
"""A megabyte each, of what is answered by a close and of what is answered by as much."""
FLOODED_FOR = 15
POSTING = 20
"""Connections that those who post may keep."""

# Those who say what they should not


@dataclass(frozen=True)
class Flood(Size):
    """`times` clients send `megabytes` each, whatever the server says."""

    megabytes: int = 0


@fault(
    "F16",
    ordinary=Flood(messages=60, readers=20, rate=20, times=1, megabytes=40),
    full=Flood(messages=600, readers=100, rate=40, times=10, megabytes=40, served_within=1.5),
    on_daphne=True,
)
async def inbound_flood(site: Site, size: Flood, seed: int) -> Verdict:
    """Clients send data: one frame, a frame that is too big, and frames or pings without end."""
    chat, ledger = site.room(), Ledger(seed)
    path = f"/ws/live/chat/{chat}/?after=0"
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        async with Memory(site) as memory:
            posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
            answers = await asyncio.gather(*(_answer(site, path, data) for data in SAID.values()))
            began_at = time.monotonic()
            people = reversed(site.members)
            floods = (_flood(site, next(people), path, each, size.megabytes) for each in FLOODS * size.times)
            ended = await asyncio.gather(*floods)
            flooded_for = time.monotonic() - began_at
            await posting
        verdict = await crowd.verdict(limit=size.within)
    verdict.expect(all(ended), f"{ended.count(False)} who never stop sending are still connected")
    codes = dict(zip(SAID, answers, strict=True))
    for what, code in codes.items():
        verdict.expect(code in ANSWERS[what], f"whoever sends {what} is closed with {code}")
    verdict.expect(memory.grown <= ALLOWED_GROWTH, f"the server's memory grew by {memory.grown:.0f} MB")
    expect_good_service(verdict, size)
    verdict.notes |= {"codes": codes, "flood_s": round(flooded_for, 1), "memory_mb": round(memory.grown, 1)}
    return verdict


async def _answer(site: Site, path: str, data: bytes) -> int:
    """Open a socket, send something on it, and return the code by which it is closed; 0 if it is not."""
    with Client(site) as client:
        await client.connect()
        await client.upgrade(site.members[-1], path)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                with contextlib.suppress(ConnectionError):
                    await client.send(data)
                return await client.close_code()
    return 0


async def _flood(site: Site, person: Person, path: str, frames: bytes, megabytes: int) -> bool:
    """Send frames for as long as the server takes them, read nothing until then, and return whether it ends that."""
    with Client(site) as client:
        await client.connect()
        await client.upgrade(person, path)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLOODED_FOR):
                with contextlib.suppress(ConnectionError):
                    for _ in range(megabytes):
                        await client.send(frames)
                await client.end()
                return True
    return False


# Those who begin and say no more


@fault(
    "F16",
    ordinary=Size(messages=60, readers=20, rate=20, times=200),
    full=Size(messages=600, readers=100, rate=40, times=1000, served_within=1.5),
    on_daphne=True,
)
async def half_open_handshakes(site: Site, size: Size, seed: int) -> Verdict:
    """Connections say nothing, or half a request, and wait."""
    chat, ledger = site.room(), Ledger(seed)
    (pid,) = site.web_servers()
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        with clients(site, size.times) as silent:
            async with Memory(site) as memory:
                before = connections(pid)
                posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
                for client, part in zip(silent, cycle((0, 1, 20, 120, -2)), strict=False):
                    await client.connect()
                    await client.send(client.request(site.members[0], f"/ws/live/chat/{chat}/")[:part])
                were_open = await within(lambda: connections(pid) >= before + size.times, 5)
                late = await crowd.read(chat, size.readers // 10, people=site.members[10:])
                ended = await within(lambda: all(client.is_gone() for client in silent), HEAD_SECONDS + 5)
                await posting
            given_back = await within(lambda: connections(pid) - before - len(late) <= POSTING, 10)
        verdict = await crowd.verdict(limit=size.within)
    verdict.expect(were_open, "the server did not take all of them, so this shows nothing")
    verdict.expect(ended, f"connections that ask for nothing are still open after {HEAD_SECONDS + 5:.0f} s")
    verdict.expect(given_back, "the server keeps connections that are gone")
    verdict.expect(memory.grown <= ALLOWED_GROWTH, f"the server's memory grew by {memory.grown:.0f} MB")
    expect_good_service(verdict, size)
    verdict.notes |= {"memory_mb": round(memory.grown, 1)}
    return verdict


# Those who are too many


@fault("F16", ordinary=Size(messages=20, times=60), full=Size(messages=100, times=100), on_daphne=True)
async def too_many_sockets(site: Site, size: Size, seed: int) -> Verdict:
    """Somebody opens more sockets than one person may have."""
    chat, ledger = site.room(), Ledger(seed)
    alice = site.people["alice"]
    async with Crowd(site, ledger) as crowd:
        tabs = await crowd.read(chat, size.times, people=[alice], opened=False)
        for tab in tabs:
            tab.open()
        await within(lambda: all(tab.heard.is_set() or tab.closes for tab in tabs), 15)
        stayed = [tab for tab in tabs if not tab.closes]
        await crowd.post(chat, size.messages)
        verdict = await crowd.verdict(limit=size.within, allowed_closes={CloseCode.TOO_MANY}, readers=stayed)
        # A place that gets free can be taken again.
        await stayed[0].close()
        (last,) = await crowd.read(chat, 1, people=[alice])
        verdict.expect(not last.closes, "nobody may come though a socket was closed")
    verdict.expect(len(stayed) == SOCKETS_OF_ONE, f"{len(stayed)} sockets of one person stayed open")
    return verdict
