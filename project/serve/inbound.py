"""What clients may send, and how long they may take to say what they want."""

import json
import re
from http import HTTPStatus
from typing import Any

API = re.compile(r".*/api/.*")
"""The addresses of programs."""
HEAD_SECONDS = 10.0
"""For the head of a request: connections that say nothing cost their sender nothing, and the server a descriptor."""
HEAD_BYTES = 65_536
"""For the line of a request and its headers: they are parsed where all sockets live."""
HANDSHAKE_SECONDS = 30.0
"""For the application to accept a WebSocket or to refuse it: when thousands come back at once, the last ones wait."""
BODY_SECONDS = 60.0
BODY_BYTES = 1_048_576
"""As much as nginx lets through if nobody has told it another size."""
BODY_BYTES_BY_ADDRESS = ((re.compile(r".*/(healthz|readyz|metrics)"), 0),)
"""Where a body may be smaller or larger than elsewhere."""
INBOUND_BYTES = 8192
"""On a WebSocket between two pings: a page answers those and closes. To read and to answer frames without end would
keep the server from everybody else."""
MESSAGE_BYTES = 4096
"""In one message of a WebSocket: sockets only push, and what a browser may send on them is small."""
FAREWELL_SECONDS = 1.0
"""How long the reason for the end may take to arrive before a connection that says too much is reset."""
CLOSE_SECONDS = 5.0
"""How long a peer may take to answer a close; one that has stopped reading never does."""


class Refused(Exception):
    """Why a request is not read to its end; its connection ends with the answer, which is `bytes()` of this."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = HTTPStatus(status)
        self._say(f"{reason}\n", "text/plain; charset=utf-8")

    def _say(self, text: str, content_type: str) -> None:
        self.text = text.encode()
        self.headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", b"%d" % len(self.text)),
            (b"connection", b"close"),
        ]

    def to(self, path: str) -> "Refused":
        """Return it in the form of the errors of an address: programs are answered a problem (RFC 9457)."""
        if API.fullmatch(path):
            said = {"type": "about:blank", "title": self.status.phrase, "status": self.status, "detail": str(self)}
            self._say(json.dumps(said), "application/problem+json")
        return self

    def __bytes__(self) -> bytes:
        lines = [b"HTTP/1.1 %d %b" % (self.status, self.status.phrase.encode())]
        lines += [b"%b: %b" % header for header in self.headers]
        return b"\r\n".join([*lines, b"", self.text])


def head_too_large() -> Refused:
    return Refused(431, f"The address and the headers of a request may have {HEAD_BYTES} bytes together.")


def head_too_slow() -> Refused:
    return Refused(408, f"The headers of a request must be here within {HEAD_SECONDS:g} seconds.")


def body_too_large(most: int) -> Refused:
    return Refused(413, f"What is sent here may have {most} bytes." if most else "Nothing can be sent here.")


def body_too_slow() -> Refused:
    return Refused(408, f"What is sent must be here within {BODY_SECONDS:g} seconds.")


def largest_body(method: str, path: str) -> int:
    """Return how many bytes the body of a request may have."""
    if method in {"GET", "HEAD"}:
        return 0
    return next((most for address, most in BODY_BYTES_BY_ADDRESS if address.fullmatch(path)), BODY_BYTES)


class BoundedInbound:
    """A WebSocket connection that counts what a WebSocket connection receives."""

    __slots__ = ("inbound_left",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inbound_left = INBOUND_BYTES

    def take(self, data: bytes) -> tuple[bytes, bool]:
        """Return as much of the data as may still be read, and whether nothing more may be from now on."""
        could_read = self.inbound_left > 0
        taken = data[: self.inbound_left]
        self.inbound_left -= len(taken)
        return taken, could_read and not self.inbound_left

    def expect_answer(self) -> None:
        """Let a peer that has kept to its bound say as much again, since it was sent a ping."""
        if self.inbound_left:
            self.inbound_left = INBOUND_BYTES
