"""Consumers: who is it, what may they follow, then the relay's. No rendering, no business.

Sockets are accepted before they are judged: a refused handshake looks like a network failure to a page, which would try
again for ever, while a close code tells it what to do. It is the other way round for programs with a token: their
libraries connect again at once after any close, and stop at a refusal.
"""

import asyncio
import sys
from typing import Any
from urllib.parse import parse_qsl

from notifications.api.models import digest
from notifications.http import whole_number
from notifications.limits.windows import network
from notifications.live import streams
from notifications.relay import process
from notifications.relay.close_codes import CloseCode
from notifications.relay.credentials import secret_of, session_of, subprotocol_of
from notifications.relay.programs import NOW, Program
from notifications.relay.refusals import refuse
from notifications.relay.sockets import Message, Socket

HANDOVER = "bellwire.handover"
"""The extension of ASGI that lets a call end while its socket stays open; a server may not have it."""


class StreamConsumer:
    """Relays to whoever it is the streams that the address names, each from a place of their own on.

    `?chat.12=40&user.7=3` names them all; `<kind>/<pk>/?after=40` is the address of one.
    """

    __slots__ = ("socket",)

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    def receive(self, message: Message) -> None:
        """Close: nothing is to be said here, and a client that talks could flood the process."""
        process.current().relay.close(self.socket, CloseCode.UNEXPECTED_DATA)

    def disconnect(self, code: int) -> None:
        """Take the socket out of every group."""
        process.current().relay.remove(self.socket)


async def follow_streams(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept, and hand the socket over to be authorised and served, or closed with the reason."""
    await receive()
    subprotocol = subprotocol_of(scope)
    if secret := secret_of(scope):
        handshake = Handshake(scope, send, subprotocol)
        consumer = StreamConsumer(program(scope, handshake.send, secret))
        process.current().add(consumer.socket)
        await handshake.over.wait()
        if handshake.is_refused:
            return
    else:
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        consumer = StreamConsumer(program(scope, send) if subprotocol else page(scope, send))
        process.current().add(consumer.socket)
    if hand_over := scope.get("extensions", {}).get(HANDOVER):
        # Thousands of sockets are open, and what stays of each call would be most of what they cost.
        consumer.socket.send = hand_over(consumer)
        return
    while (message := await receive())["type"] != "websocket.disconnect":
        consumer.receive(message)
    consumer.disconnect(message.get("code", 1005))


class Handshake:
    """One that is accepted when there is something to send, and refused when it is a close."""

    def __init__(self, scope: dict[str, Any], send: Any, subprotocol: str | None) -> None:
        self.scope = scope
        self._send = send
        self.subprotocol = subprotocol
        self.over = asyncio.Event()
        self.is_refused = False

    async def send(self, message: Message) -> None:
        if not self.over.is_set():
            self.over.set()
            if message["type"] == "websocket.close":
                self.is_refused = True
                await refuse(self.scope, self._send, CloseCode(message["code"]))
                return
            await self._send({"type": "websocket.accept", "subprotocol": self.subprotocol})
        await self._send(message)


def page(scope: dict[str, Any], send: Any) -> Socket:
    """Return the socket of a page, which is sent HTML; without a place, all that is there."""
    return Socket(
        session_of(scope), {name: after or 0 for name, after in _places(scope).items()}, send, _address(scope)
    )


def program(scope: dict[str, Any], send: Any, secret: str = "") -> Program:
    """Return the socket of a program, which is told data; without a place, what comes from now on."""
    places = {name: NOW if after is None else after for name, after in _places(scope).items()}
    key = "" if secret else session_of(scope)
    return Program(key, places, send, _address(scope), token=digest(secret) if secret else "")


def _address(scope: dict[str, Any]) -> str:
    return sys.intern(network((scope.get("client") or [""])[0]))


def _places(scope: dict[str, Any]) -> dict[str, int | None]:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    if one := scope["url_route"]["kwargs"]:
        query = {"{kind}.{pk}".format(**one): query.get("after", "")}
    # Groups know only one way to write a number.
    found = {streams.split(name): whole_number(after) for name, after in query.items()}
    return {sys.intern("{}.{}".format(*stream)): after for stream, after in found.items() if stream}


async def unknown_address(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer an address that does not exist as if it were a stream that does not."""
    await receive()
    if secret_of(scope):
        await refuse(scope, send, CloseCode.NOT_FOUND)
    else:
        await send({"type": "websocket.accept", "subprotocol": subprotocol_of(scope)})
        await send({"type": "websocket.close", "code": int(CloseCode.NOT_FOUND)})
