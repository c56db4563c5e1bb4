"""Listen to streams of a Bellwire: TOKEN=… python listen.py https://chat.example.org chat.12 user.7 [--places FILE]

Prints each event as a line of JSON. It reconnects and catches up by the rules of docs/integrations-live.md; with
--places it goes on where it was when it was ended. Needs Python 3.11 and `pip install websockets`.
"""

import argparse
import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

STOP = {401, 403, 404, 4008, 4401, 4403, 4404}
CROWDED = {503, 4429}
SOON = {4012, 4013}
SILENCE = 60.0
QUEUE = 1_000
"""Frames that wait to be handled: past that the server is let wait, and sends whoever is too slow away."""

Places = dict[str, int | None]
"""Streams, each with the `seq` that was handled last; None before the first."""


class Ended(Exception):
    """It makes no sense to come back: the close code or the status says why."""


async def listen(site: str, token: str, places: Places) -> AsyncIterator[dict[str, Any]]:
    """Yield the events of the streams in `places`, for ever; an event counts as handled when the next is asked for.

    Raises Ended when the server says that there is nothing to come back for.
    """
    tries = 0
    while True:
        code: int | None = None
        try:
            async with _connected(site, token, places) as connection:
                async for event in _frames(connection):
                    tries = 0
                    if event["type"] != "synced":
                        yield event
                    _handled(places, event)
                code = connection.close_code
        except InvalidStatus as refused:
            code = refused.response.status_code
        except (OSError, TimeoutError, ConnectionClosed, EOFError):
            pass  # No network, or no server: it is tried again.
        if code in STOP:
            raise Ended(code)
        await asyncio.sleep(pause(code, tries))
        tries += 1


def pause(code: int | None, tries: int) -> float:
    """Return how many seconds to wait before the next try."""
    if code in CROWDED:
        return 60.0
    if code in SOON:
        return 5 * random.random()  # noqa: S311 - no secret
    return float(min(0.5 * 2 ** min(tries, 5), 10)) * (1 + random.random()) / 2  # noqa: S311


def _connected(site: str, token: str, places: Places) -> connect:
    query = urlencode({name: "" if seq is None else seq for name, seq in places.items()})
    return connect(
        f"{site.rstrip('/').replace('http', 'ws', 1)}/ws/live/?{query}",
        subprotocols=[Subprotocol("bellwire.json")],
        additional_headers={"Authorization": f"Bearer {token}"},
    )


async def _frames(connection: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    # A library stops answering pings when frames wait in it, so they wait here.
    queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE)

    async def fill() -> None:
        try:
            while True:
                await queue.put(str(await asyncio.wait_for(connection.recv(), SILENCE)))
        except (ConnectionClosed, TimeoutError):
            await queue.put(None)

    reading = asyncio.create_task(fill())
    try:
        while (frame := await queue.get()) is not None:
            yield json.loads(frame)
    finally:
        reading.cancel()


def _handled(places: Places, event: dict[str, Any]) -> None:
    if event["type"] == "over":
        places.pop(event["stream"], None)
    elif event["stream"] in places:
        places[event["stream"]] = event["seq"]


async def main(arguments: argparse.Namespace, show: Callable[[str], None]) -> None:
    """Print events, and keep how far it has come."""
    kept: Path | None = arguments.places
    places: Places = dict.fromkeys(arguments.streams)
    places |= _read(kept)
    async for event in listen(arguments.site, os.environ["TOKEN"], places):
        show(json.dumps(event))
        if kept and event["stream"] in places:
            _write(kept, {**places, event["stream"]: event["seq"]})


def _read(kept: Path | None) -> Places:
    return dict(json.loads(kept.read_text())) if kept and kept.exists() else {}


def _write(kept: Path, places: Places) -> None:
    # In one piece, whenever this is ended.
    new = kept.with_suffix(".new")
    new.write_text(json.dumps(places))
    new.replace(kept)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site")
    parser.add_argument("streams", nargs="+")
    parser.add_argument("--places", type=Path)
    try:
        asyncio.run(main(parser.parse_args(), lambda line: print(line, flush=True)))
    except Ended as ended:
        parser.exit(1, f"The server has ended it: {ended}\n")
    except KeyboardInterrupt:
        pass
