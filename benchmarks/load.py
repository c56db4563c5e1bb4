"""The load client: many WebSockets in one process, driven by lines on its standard input.

The first line is a JSON object: `targets` (a list of `[url, cookie]`), `mark` (the characters before the time stamp in
a fragment), `hello` (what to send when a socket opens), `greets` (whether the server's first frame says that a
socket is ready) and, if one is asked for, `subprotocol`. When all sockets are ready it prints `connected` and
`seconds`. Then `start` forgets what has come, and `stop N` waits until every socket has had N fragments, or until
nothing comes any more, and prints what it saw.
"""

import asyncio
import json
import sys
import time
from array import array

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

CONNECTING = 40
QUIET_SECONDS = 4.0
DIGITS = 19
"""A time stamp is the monotonic clock in nanoseconds, zero-padded."""
LONGEST = 1 << 26


class Tally:
    """What all sockets have seen since `start`."""

    def __init__(self, plan: dict[str, str]) -> None:
        self.mark = plan["mark"].encode()
        self.hello = [message.encode() for message in plan["hello"]]
        self.clear()

    def clear(self) -> None:
        """Forget what has come."""
        self.deliveries = self.frames = self.first = self.last = 0
        self.delays = array("q")


class Reader(WSListener):
    """One socket: counts the fragments in its frames and notes how old each frame's oldest one is."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.seen = 0
        self.greeted = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Say what the server wants to hear first."""
        for message in self.tally.hello:
            transport.send(WSMsgType.TEXT, message)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Count one frame."""
        payload, tally = frame.get_payload_as_bytes(), self.tally
        self.greeted.set()
        count = payload.count(tally.mark)
        if count:
            now = time.monotonic_ns()
            begin = payload.index(tally.mark) + len(tally.mark)
            tally.delays.append(now - int(payload[begin : begin + DIGITS]))
            tally.deliveries += count
            tally.frames += 1
            tally.first = tally.first or now
            tally.last = now
            self.seen += count
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")  # Socket.IO's ping
        elif payload == b"PING\r\n":
            transport.send(WSMsgType.TEXT, b"PONG\r\n")  # NATS's


async def main() -> None:
    """Serve the lines on standard input until it ends."""
    lines = await lines_of_stdin()
    plan = json.loads(await lines.readline())
    tally = Tally(plan)
    began = time.monotonic()
    readers = await connect(plan["targets"], tally, plan.get("subprotocol"))
    if plan["greets"]:
        await asyncio.gather(*(reader.greeted.wait() for reader in readers))
    say(connected=len(readers), seconds=round(time.monotonic() - began, 3))
    while words := (await lines.readline()).split():
        if words[0] == b"start":
            tally.clear()
            for reader in readers:
                reader.seen = 0
            say(started=True)
        else:
            expected = int(words[1])
            await settled(expected * len(readers), tally)
            say(**seen(readers, expected, tally))


async def lines_of_stdin() -> asyncio.StreamReader:
    """Return standard input, whose first line is long."""
    lines = asyncio.StreamReader(limit=LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    return lines


async def connect(targets: list[list[str]], tally: Tally, subprotocol: str | None) -> list[Reader]:
    """Open all sockets, some at a time."""
    gate = asyncio.Semaphore(CONNECTING)
    asked = {"Sec-WebSocket-Protocol": subprotocol} if subprotocol else {}

    async def open_one(url: str, cookie: str) -> Reader:
        async with gate:
            reader = Reader(tally)
            await ws_connect(
                lambda: reader,
                url,
                extra_headers={**asked, **({"Cookie": cookie} if cookie else {})},
                websocket_handshake_timeout=60,
                max_frame_size=LONGEST,
            )
        return reader

    return list(await asyncio.gather(*(open_one(url, cookie) for url, cookie in targets)))


async def settled(expected: int, tally: Tally) -> None:
    """Wait until everything has come, or until nothing has come for a while."""
    quiet_since = time.monotonic()
    while tally.deliveries < expected and time.monotonic() - quiet_since < QUIET_SECONDS:
        before = tally.deliveries
        await asyncio.sleep(0.05)
        if tally.deliveries != before:
            quiet_since = time.monotonic()


def seen(readers: list[Reader], expected: int, tally: Tally) -> dict[str, float | int]:
    """Return what came: counts, when, and percentiles of the delays in milliseconds."""
    delays = sorted(tally.delays)

    def percentile(share: float) -> float:
        return round(delays[int(share * (len(delays) - 1))] / 1e6, 1) if delays else 0.0

    return {
        "deliveries": tally.deliveries,
        "frames": tally.frames,
        "last_ns": tally.last,
        "p50_ms": percentile(0.5),
        "p99_ms": percentile(0.99),
        "lost": sum(max(0, expected - reader.seen) for reader in readers),
    }


def say(**what: object) -> None:
    """Print one line of JSON."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
