"""Requests as bytes, for what no well-behaved client sends."""

import contextlib
import re
import select
import socket
from http.client import HTTPResponse
from typing import Self

from tests.live.stack import Site

PATIENCE = 15.0
STATUS = re.compile(rb"^HTTP/1\.1 (\d+)", re.MULTILINE)
HANDSHAKE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def head(line: bytes, *headers: bytes, size: int = 0) -> bytes:
    """Return the head of a request; with a header `X-Filler` it becomes as many bytes as wanted."""
    begun = b"".join([line, b" HTTP/1.1\r\nHost: localhost\r\n", *(header + b"\r\n" for header in headers)])
    if size:
        begun += b"X-Filler: " + b"x" * (size - len(begun) - len(b"X-Filler: \r\n\r\n")) + b"\r\n"
    return begun + b"\r\n"


def chunked(body: bytes, of: int = 16_384) -> bytes:
    """Return a body as chunks of so many bytes, without their end."""
    pieces = (body[start : start + of] for start in range(0, len(body), of))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


class Wire:
    """A connection that says whatever it is told to."""

    def __init__(self, site: Site) -> None:
        host, _, port = site.url.rpartition("/")[2].partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, data: bytes) -> Self:
        """Send; what the server does not want to hear any more is not said."""
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)
        return self

    def drip(self, data: bytes, every: float = 0.1) -> Self:
        """Send a byte at a time, until an answer comes or the server ends."""
        for number in range(len(data)):
            self.say(data[number : number + 1])
            if select.select([self.socket], [], [], every)[0]:
                break
        return self

    def heard(self) -> bytes:
        """Return all that the server says until it ends the connection, which it must."""
        data = b""
        with contextlib.suppress(ConnectionError):
            while more := self.socket.recv(65_536):
                data += more
        return data

    def answer(self) -> tuple[int, bytes]:
        """Return the next answer's status and body; the next request must not have been sent before."""
        answer = HTTPResponse(self.socket)
        answer.begin()
        return answer.status, answer.read()


def statuses(site: Site, said: list[bytes]) -> dict[bytes, list[bytes]]:
    """Return what is answered when each is said on a connection of its own; the server must end them all."""
    with contextlib.ExitStack() as opened:
        wires = {each: opened.enter_context(Wire(site)).say(each) for each in said}
        return {each: STATUS.findall(wire.heard()) for each, wire in wires.items()}
