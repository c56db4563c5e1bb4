"""Pages of one chat, many in one process: each keeps its place in the stream, and comes back as `endings.js` does.

Driven by lines on standard input. The first is a JSON object: `targets` (a list of `[url, cookie]`, where the address
ends with `?after=` and the page's place) and `mark` (the characters before the time stamp in a message). When all pages
are connected and caught up, `connected` and `seconds` are printed. Then

- `forget` forgets the messages that have come,
- `drop` cuts all connections at once and prints `at_ns`,
- `await [STAMP, …]` waits until every page has these messages, or until nothing comes any more, and prints for each
  message when the last page had it (`last_ns`), for each page when it was whole (`whole_ns`: connected, and with all
  that had been sent before), and how many messages are `lost`, summed over the pages.
"""

import asyncio
import json
import random
import re
import time
from dataclasses import dataclass
from typing import Any

import uvloop
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.load import CONNECTING, DIGITS, LONGEST, lines_of_stdin, say

HANDSHAKE_SECONDS = 60
QUIET_SECONDS = HANDSHAKE_SECONDS + 10
"""Whoever waits for a handshake may still come."""
FINAL = {4008, 4401, 4403, 4404}
"""Close codes after which a page does not come back."""
PLACE = b'data-seq="'


@dataclass
class Plan:
    """What all pages look for, and how much of it has come."""

    stamp: re.Pattern[bytes]
    arrived: int = 0


class Page(WSListener):
    """One page, and when it had which message first."""

    def __init__(self, plan: Plan, url: str, cookie: str) -> None:
        self.plan = plan
        self.address, _, self.after = url.rpartition("=")
        self.headers = {"Cookie": cookie}
        self.arrivals: dict[int, int] = {}
        self.back_ns = 0
        self.is_closed = False
        self.transport: WSTransport | None = None
        self.caught_up = asyncio.Event()

    async def stay(self, gate: asyncio.Semaphore) -> None:
        """Connect, and connect again whenever the connection is lost; only the first time one waits at the gate."""
        attempt = 0
        while not self.is_closed:
            try:
                async with gate:
                    transport = await self._connect()
                attempt = 0
                await transport.wait_disconnected()
            except (OSError, TimeoutError, WSError):
                pass
            gate = asyncio.Semaphore(1)
            await asyncio.sleep(random.uniform(0.5, 1) * min(0.5 * 2**attempt, 10))
            attempt += 1

    async def _connect(self) -> WSTransport:
        transport, _ = await ws_connect(
            lambda: self,
            f"{self.address}={self.after}",
            extra_headers=self.headers,
            websocket_handshake_timeout=HANDSHAKE_SECONDS,
            max_frame_size=LONGEST,
        )
        return transport

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Note that nothing has been heard on this connection yet."""
        self.transport = transport
        self.caught_up.clear()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Note the messages in a frame, and the page's new place at the end of it."""
        if frame.msg_type == WSMsgType.CLOSE:
            code: Any = frame.get_close_code()
            self.is_closed = code in FINAL
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self._read(frame.get_payload_as_bytes(), time.monotonic_ns())

    def _read(self, payload: bytes, now: int) -> None:
        if not self.caught_up.is_set():
            self.caught_up.set()
            self.back_ns = now
        for found in self.plan.stamp.findall(payload):
            if (stamp := int(found)) not in self.arrivals:
                self.arrivals[stamp] = now
                self.plan.arrived += 1
        begin = payload.rindex(PLACE) + len(PLACE)
        self.after = payload[begin : payload.index(b'"', begin)].decode()

    def whole_ns(self) -> int:
        """Return when the page was connected and had everything that had been sent before."""
        before = (at for stamp, at in self.arrivals.items() if stamp <= self.back_ns)
        return max(self.back_ns, *before, 0)


async def main() -> None:
    """Serve the lines on standard input until it ends."""
    lines = await lines_of_stdin()
    given = json.loads(await lines.readline())
    plan = Plan(re.compile(rb"%b(\d{%d})" % (given["mark"].encode(), DIGITS)))
    pages = [Page(plan, url, cookie) for url, cookie in given["targets"]]
    gate = asyncio.Semaphore(CONNECTING)
    began = time.monotonic()
    staying = [asyncio.create_task(page.stay(gate)) for page in pages]
    for page in pages:
        await page.caught_up.wait()
    say(connected=len(staying), seconds=round(time.monotonic() - began, 3))
    while words := (await lines.readline()).split(maxsplit=1):
        if words[0] == b"forget":
            for page in pages:
                page.arrivals.clear()
            plan.arrived = 0
            say(forgotten=True)
        elif words[0] == b"drop":
            say(at_ns=drop(pages))
        else:
            stamps = json.loads(words[1])
            await settled(plan, len(stamps) * len(pages))
            say(**seen(pages, stamps))


def drop(pages: list[Page]) -> int:
    """Cut all connections without a word; return when that began."""
    began = time.monotonic_ns()
    for page in pages:
        if page.transport:
            page.transport.underlying_transport.abort()
    return began


async def settled(plan: Plan, expected: int) -> None:
    """Wait until everything has come, or until nothing has come for a while."""
    quiet_since = time.monotonic()
    while plan.arrived < expected and time.monotonic() - quiet_since < QUIET_SECONDS:
        before = plan.arrived
        await asyncio.sleep(0.05)
        if plan.arrived != before:
            quiet_since = time.monotonic()


def seen(pages: list[Page], stamps: list[int]) -> dict[str, object]:
    """Return when what came."""
    return {
        "last_ns": [max(page.arrivals.get(stamp, 0) for page in pages) for stamp in stamps],
        "whole_ns": [page.whole_ns() for page in pages],
        "lost": sum(stamp not in page.arrivals for page in pages for stamp in stamps),
    }


if __name__ == "__main__":
    uvloop.run(main())
