"""One open WebSocket on uvicorn, as little as it can be: there are thousands, and nearly all of them only wait."""

import asyncio
import secrets
import socket
import struct
from collections.abc import Awaitable
from typing import Any, Protocol

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Close, CloseCode, Frame, Opcode

from notifications.relay import close_codes
from project.serve import frames
from project.serve.inbound import CLOSE_SECONDS, FAREWELL_SECONDS, MESSAGE_BYTES, BoundedInbound

LAST_SECONDS = 0.5
"""How long what is still open may take to end when the server does."""
PING_SECONDS = 20
"""Between two pings; one that the peer has not answered by the next is its last."""


class Listener(Protocol):
    """Who is told what comes on a connection, and that it is gone."""

    def receive(self, message: dict[str, Any]) -> None: ...

    def disconnect(self, code: int) -> None: ...


def reset(transport: Any) -> None:
    """End a connection at once: the system, too, forgets what its peer has not read."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Pulse:
    """Asks the peers of all connections whether they are there: one timer, not one for each of thousands."""

    def __init__(self) -> None:
        self.turns: list[set[WebSocket]] = [set() for _ in range(PING_SECONDS)]
        self.second = 0
        self.loop: asyncio.AbstractEventLoop | None = None

    def turn(self) -> "set[WebSocket]":
        """Return those who are pinged every time when the present second comes round."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
            self.loop.call_later(1, self._beat, self.loop)
        return self.turns[self.second]

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(1, self._beat, loop)
        self.second = (self.second + 1) % PING_SECONDS
        # Random, so that nobody can answer before they are asked.
        payload = secrets.token_bytes(4)
        ping = frames.control(Opcode.PING, payload)
        for connection in tuple(self.turns[self.second]):
            connection.ping(payload, ping)


class WebSocket(BoundedInbound, asyncio.Protocol):
    """What is left of a connection once it is open: bytes go out, and a peer that should only listen is bounded."""

    __slots__ = (
        "close_timer",
        "code",
        "connections",
        "is_closing",
        "is_open",
        "kind",
        "listener",
        "pinged",
        "said",
        "transport",
        "turn",
        "unread",
        "writable",
    )

    def __init__(self, transport: Any, connections: Any, pulse: Pulse) -> None:
        super().__init__()
        self.transport = transport
        self.connections = connections
        connections.add(self)
        self.turn = pulse.turn()
        self.listener: Listener | None = None
        self.is_open = self.is_closing = False
        self.unread = self.said = self.pinged = b""
        self.kind = Opcode.BINARY
        self.code = int(CloseCode.ABNORMAL_CLOSURE)
        self.writable: asyncio.Event | None = None
        self.close_timer: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Begin to read frames, now that the handshake is done."""
        self.is_open = True
        self.turn.add(self)
        self._read()

    def data_received(self, data: bytes) -> None:
        """Read what a page has to say, and reset a connection that says more."""
        taken, is_the_last = self.take(data)
        self.unread += taken
        if self.is_open:
            self._read()
        if is_the_last:
            asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self.drop)

    def _read(self) -> None:
        try:
            while self.unread and not self.transport.is_closing():
                frame, self.unread = frames.first(self.unread)
                if frame is None:
                    break
                self._take_in(frame)
        except ProtocolError:
            self._fail(CloseCode.PROTOCOL_ERROR)
        except PayloadTooBig:
            self._fail(CloseCode.MESSAGE_TOO_BIG)
        except UnicodeDecodeError:
            self._fail(CloseCode.INVALID_DATA)

    def _take_in(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            self.transport.write(frames.control(Opcode.PONG, frame.data))
        elif frame.opcode is Opcode.PONG:
            if frame.data == self.pinged:
                self.pinged = b""
        elif frame.opcode is Opcode.CLOSE:
            if not self.is_closing:
                self.code = Close.parse(frame.data).code
                self._end(frames.control(Opcode.CLOSE, frame.data))
            self.transport.close()
        elif not self.is_closing:
            self._gather(frame)

    def _gather(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            self.kind, self.said = frame.opcode, b""
        self.said += frame.data
        if len(self.said) > MESSAGE_BYTES:
            self._fail(CloseCode.MESSAGE_TOO_BIG)
        elif frame.fin and self.listener:
            said, self.said = self.said, b""
            what = {"text": said.decode()} if self.kind is Opcode.TEXT else {"bytes": said}
            self.listener.receive({"type": "websocket.receive", **what})

    def send(self, message: Any) -> Awaitable[None] | None:
        """Send an ASGI message, or return what sends it when the reader has taken more of what was sent before."""
        if self.is_closing:
            raise ConnectionResetError("The connection is closed.")
        if message["type"] == "websocket.close":
            # Not even for a reader who has stopped: what they are owed would be kept for ever.
            self.close(message.get("code", CloseCode.NORMAL_CLOSURE), message.get("reason") or "")
            return None
        text = message.get("text")
        frame = frames.encoded(message["bytes"] if text is None else text)
        if self.writable:
            return self._send_later(frame)
        self.transport.write(frame)
        return None

    async def _send_later(self, frame: bytes) -> None:
        while self.writable:
            await self.writable.wait()
        if self.is_closing:
            raise ConnectionResetError("The connection is closed.")
        self.transport.write(frame)

    def pause_writing(self) -> None:
        self.writable = asyncio.Event()

    def resume_writing(self) -> None:
        if self.writable:
            self.writable.set()
            self.writable = None

    def ping(self, payload: bytes, frame: bytes) -> None:
        """Ask whether the peer is there, who may answer; give up one that has not since the last time."""
        if self.pinged or self.transport.is_closing():
            # With all that it has not read.
            self.drop()
        else:
            self.pinged = payload
            self.expect_answer()
            self.transport.write(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Say why; a peer that does not answer is dropped."""
        if not self.is_closing:
            self.code = int(code)
            self._end(frames.control(Opcode.CLOSE, Close(code, reason).serialize()))

    def _end(self, frame: bytes) -> None:
        self.is_closing = True
        self.resume_writing()
        self.transport.write(frame)
        self.close_timer = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.drop)

    def _fail(self, code: CloseCode) -> None:
        self.close(code)
        self.transport.close()

    def shutdown(self) -> None:
        """Close, since the server ends; whoever has not even read the close by then is dropped."""
        # Not by 1012, which some clients take for an error of ours.
        self.close(close_codes.CloseCode.SERVICE_RESTART)
        self.transport.close()
        asyncio.get_running_loop().call_later(LAST_SECONDS, self.drop)

    def drop(self) -> None:
        """End the connection with a reset: the system, too, would keep what a reader has not read."""
        if self in self.connections:
            reset(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the listener, and let go of all that would hold this in memory."""
        self.connections.discard(self)
        self.turn.discard(self)
        self.is_closing = True
        self.resume_writing()
        if self.close_timer:
            self.close_timer.cancel()
        listener, self.listener = self.listener, None
        if listener:
            listener.disconnect(self.code)
