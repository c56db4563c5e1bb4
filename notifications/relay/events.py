"""Server-sent events: the streams of the WebSockets, for scripts and pages that cannot have one.

What is sent is the same, and so are its order and the rights to it; the `id` of an event says how far its reader then
is in all that it follows, and a browser that comes back says the last one that it has had.
"""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from notifications.relay import drain, process
from notifications.relay.close_codes import CloseCode
from notifications.relay.consumers import page, program
from notifications.relay.credentials import secret_of
from notifications.relay.origins import is_own_origin
from notifications.relay.programs import NOW
from notifications.relay.refusals import answer
from notifications.relay.sockets import Message, Socket

ABORT = "bellwire.abort"
"""The extension of ASGI that ends a connection with all that its reader has not read; a server may not have it."""
LAST_SECONDS = 2.0
"""How long a reader that is sent away may take to hear why."""
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would keep events until it has 4 or 8 kB of them.
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
RETRY = b"retry: 2000\n\n"
PLACE = re.compile(
    r'^{"stream":"(?P<a>[\w.]+)","seq":(?P<m>\d+)'
    r'|<data id="cursor-[\w-]+" value data-stream="(?P<b>[\w.]+)" data-seq="(?P<n>\d+)"'
)
"""A frame's stream and how far it goes: at the beginning of JSON, and in the cursors that end HTML."""
MARK = ',"type":"synced"}'


async def follow_events(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the events of the streams that the address names: data, or with `?as=html` what pages are sent."""
    if scope["method"] != "GET":
        await _say(send, 405, [(b"allow", b"GET"), (b"content-length", b"0")])
    elif not (secret_of(scope) or is_own_origin(_header(scope, b"origin"), _header(scope, b"host") or "")):
        await _say(send, 403, [(b"content-length", b"0")])
    elif drain.begun.is_set():
        # With any other status a browser would not come back.
        await _say(send, 200, HEADERS, RETRY)
    else:
        await _follow(scope, receive, send)


async def no_such_events(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer an address that does not exist as if it were a stream that does not."""
    status, headers, body = answer(CloseCode.NOT_FOUND)
    await _say(send, status, headers, body)


async def _follow(scope: dict[str, Any], receive: Any, send: Any) -> None:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    # A browser that comes back asks for the address from which it began, and says how far it has come since.
    query |= parse_qsl(_header(scope, b"last-event-id") or "")
    if one := scope["url_route"]["kwargs"]:
        query["after"] = query.get("{kind}.{pk}".format(**one), query.get("after", ""))
    scope = {**scope, "query_string": urlencode(query).encode()}
    secret = secret_of(scope)
    html = query.get("as") == "html" and not secret
    writer = Writer(send, scope.get("extensions", {}).get(ABORT), tells_in_events=html)
    socket: Socket = page(scope, writer.send) if html else program(scope, writer.send, secret)
    writer.places = {name: place for name, place in socket.streams.items() if place != NOW}
    process.current().add(socket)
    leaving = asyncio.ensure_future(_left(receive))
    ended = asyncio.ensure_future(writer.ended.wait())
    try:
        await asyncio.wait([leaving, ended], return_when=asyncio.FIRST_COMPLETED)
        if writer.is_aborted:
            await asyncio.wait([leaving], timeout=LAST_SECONDS)
    finally:
        leaving.cancel()
        ended.cancel()
        process.current().relay.remove(socket)


class Writer:
    """Takes what a socket is sent and writes events of it; the answer begins with the first."""

    def __init__(self, send: Any, abort: Any, tells_in_events: bool) -> None:
        self._send = send
        # A page's script is not told the status of an answer.
        self.tells_in_events = tells_in_events
        self.abort = abort
        self.has_begun = self.is_aborted = False
        self.ended = asyncio.Event()
        self.places: dict[str, int] = {}

    async def send(self, message: Message) -> None:
        """Send an event; for a close, say why and end."""
        if message["type"] == "websocket.close":
            try:
                async with asyncio.timeout(LAST_SECONDS):
                    await self._end(CloseCode(message["code"]))
            except TimeoutError:
                # What it has not read would be kept for ever.
                if self.abort:
                    self.is_aborted = True
                    self.abort()
            finally:
                self.ended.set()
        else:
            begins, self.has_begun = not self.has_begun, True
            if begins:
                await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            text = self._event(message["text"])
            await self._write((RETRY if begins else b"") + text.encode())

    async def _end(self, code: CloseCode) -> None:
        if self.has_begun or self.tells_in_events:
            if not self.has_begun:
                await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await self._write(f'event: close\ndata: {{"code":{int(code)}}}\n\n'.encode())
            await self._send({"type": "http.response.body", "body": b""})
        else:
            status, headers, body = answer(code)
            await _say(self._send, status, headers, body)

    async def _write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    def _event(self, text: str) -> str:
        before = dict(self.places)
        for found in PLACE.finditer(text):
            self.places[found["a"] or found["b"]] = int(found["m"] or found["n"])
        if text.endswith(MARK) and self.places == before:
            # It says only that the connection is there.
            return ": here\n\n"
        places = "&".join(f"{name}={seq}" for name, seq in self.places.items())
        lines = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", text))
        return f"id: {places}\n{lines}\n"


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: dict[str, Any], wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted), None)
