"""Programs: sockets that are told data in the place of HTML, one JSON object in each frame.

A program resumes by the `seq` that it has handled. So what it is sent of a stream grows by that, each `seq` once,
however its replay and what is live lie over each other.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from json import dumps
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder

from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Message, Socket

SUBPROTOCOL = "bellwire.json"
FRAME_BYTES = 256 * 1024
"""No frame is as long: Perl's Mojo takes no more, and comes back for the same one for ever."""
NOW = -1
"""The place of a program that has not been here before: it is told what comes from now on."""
SLOW_SECONDS = 10.0
"""How long a part of a replay may take to be read before the next."""


class Frame(NamedTuple):
    """What is said of a stream at a `seq`, encoded; a mark says only how far its reader is."""

    stream: str
    seq: int
    message: Message
    is_mark: bool = False


@dataclass(eq=False, slots=True)
class Program(Socket):
    """A program's socket; `streams` says how far it has been told of each, and grows with what is sent.

    It may have come with a session or, as `token` says, with the digest of a token's secret. While it `is_replayed` it
    is told nothing that is live: the replay goes on until it has come as far as that.
    """

    token: str = ""
    is_replayed: bool = True
    owed: list[str] | None = None

    def tell(self, frame: Frame) -> None:
        """Send a live frame, unless it has been told of that already or is about to be."""
        if not self.is_replayed:
            self.replay(frame)

    def replay(self, frame: Frame) -> None:
        """Send a frame that takes it further, or a mark that says where it is."""
        place = self.streams.get(frame.stream)
        if place is not None:
            if frame.seq < place or (frame.seq == place and not frame.is_mark):
                return
            self.streams[frame.stream] = frame.seq
        self.offer(frame.message)

    def joined(self, owed: list[str]) -> list[str]:
        """Return what it is owed as it is: a frame is one object."""
        return owed

    async def has_read(self) -> None:
        """Return when it has taken what it was sent; one that takes too long is closed."""
        if self.sender and not self.closed:
            await asyncio.wait([self.sender], timeout=SLOW_SECONDS)
            if self.owed is not None:
                self.close(CloseCode.TRY_LATER)


def frames_of(stream: str, entries: Iterable[dict[str, Any]]) -> list[Frame]:
    """Return a frame for each entry of a stream's data; what is too long for one says only that it has changed."""
    return [Frame(stream, entry["seq"], _message(stream, entry)) for entry in entries]


def mark(stream: str, seq: int, kind: str = "synced") -> Frame:
    """Return the frame that says that everything up to `seq` has been told, or something else that is no change."""
    return Frame(stream, seq, _message(stream, {"seq": seq, "type": kind}), is_mark=True)


def _message(stream: str, entry: dict[str, Any]) -> Message:
    text = _encoded(stream, entry)
    if len(text.encode()) >= FRAME_BYTES:
        text = _encoded(stream, {"seq": entry["seq"], "type": "changed"})
    return {"type": "websocket.send", "text": text}


def _encoded(stream: str, entry: dict[str, Any]) -> str:
    # In this order: whoever passes it on can read the place at its beginning.
    fields = {"stream": stream, "seq": entry["seq"], **entry}
    return dumps(fields, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
