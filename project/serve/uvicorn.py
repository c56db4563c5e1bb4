"""uvicorn, with a drain before its end, and WebSocket connections made for one event to many readers."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from notifications.relay import drain
from project.serve import ending, frames, inbound, log
from project.serve.inbound import CLOSE_SECONDS, FAREWELL_SECONDS, HEAD_BYTES, HEAD_SECONDS, BoundedInbound

OPEN = State.OPEN  # Looked up for every delivery, which an enumeration makes slow.
LAST_SECONDS = 0.5
"""How long what is still open may take to end when the server does."""


class WebSocketConnection(BoundedInbound, WebSocketsSansIOProtocol):
    """Sends what others have sent as the same bytes, and never waits for a reader who has stopped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = CLOSE_SECONDS

    def data_received(self, data: bytes) -> None:
        """Read what a page has to say, and reset a connection that says more."""
        if not self.handshake_initiated:
            super().data_received(data)
            if not self.handshake_initiated:
                self._refuse_handshake()
            return
        taken, is_the_last = self.take(data)
        if taken:
            super().data_received(taken)
        if is_the_last:
            self.loop.call_later(FAREWELL_SECONDS, self._drop)

    def _refuse_handshake(self) -> None:
        # It comes as a whole. uvicorn forgets to send why `websockets` takes it for none, and would wait for ever.
        self.handshake_complete = self.close_sent = True
        said = b"".join(self.conn.data_to_send())
        self.transport.write(said or bytes(inbound.Refused(400, "This is no handshake of a WebSocket.")))
        self.transport.close()

    def send_keepalive_ping(self) -> None:
        """Ask whether the peer is there; it may answer."""
        super().send_keepalive_ping()
        self.expect_answer()

    async def send(self, message: Any) -> None:
        """Send as uvicorn does; what every event needs by a shorter way."""
        if (
            message["type"] == "websocket.send"
            and self.conn.state is OPEN
            and self.writable.is_set()
            and not (self.disconnected or self.conn.extensions)
            and (text := message.get("text")) is not None
        ):
            self.transport.write(frames.encoded(text))
        elif message["type"] == "websocket.close" and self.conn.state is OPEN and not self.disconnected:
            await self._send_close(message)
        else:
            await super().send(message)

    async def _send_close(self, message: Any) -> None:
        # uvicorn would wait until the reader takes more: one who has stopped would keep what he is owed for ever.
        self.writable.set()
        await super().send(message)
        if self.close_timer:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self._drop)

    def keepalive_timeout(self) -> None:
        """Give up a peer that answers no ping, with all that it has not read."""
        super().keepalive_timeout()
        self._drop()

    def shutdown(self) -> None:
        """Close; whoever has not even read the close by then is dropped."""
        super().shutdown()
        self.loop.call_later(LAST_SECONDS, self._drop)

    def _drop(self) -> None:
        if not self.disconnected:
            # With a reset: the system, too, would keep what a reader has not read.
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()


class HttpConnection(HttpToolsProtocol):
    """Ends clients who do not come to the point, and leaves nothing behind when it becomes a WebSocket."""

    head_timer: asyncio.TimerHandle | None = None
    head_left = HEAD_BYTES
    refused = False

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Read; with the first byte after an answer, a next request begins."""
        if self.refused:
            return
        if self.head_timer is None and self.cycle and self.cycle.response_complete:
            self._expect_head()
        # In pieces, after each of which the parser must have found the end of a head or some of a body.
        while data and self.parser and not self.transport.is_closing():
            piece, data = data[: self.head_left], data[self.head_left :]
            self.head_left -= len(piece)
            super().data_received(piece)
            if not self.head_left:
                self._refuse(inbound.head_too_large())
                break

    def on_headers_complete(self) -> None:
        """Take the request: what its body and its answer may take is the application's business."""
        self._stop_waiting()
        self.head_left = HEAD_BYTES
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.head_left = HEAD_BYTES
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.head_left = HEAD_BYTES
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        # uvicorn itself would wait for ever.
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self.head_timer:
            self.head_timer.cancel()
            self.head_timer = None

    def _give_up(self) -> None:
        if self.head_left == HEAD_BYTES:
            # Browsers open connections in reserve; nobody has asked anything on this one.
            self.transport.abort()
        else:
            self._refuse(inbound.head_too_slow())

    def _refuse(self, refused: inbound.Refused) -> None:
        self._stop_waiting()
        self.refused = True
        if self.cycle and not self.cycle.response_complete:
            # The peer would take this for the answer to what it has asked before.
            self.transport.abort()
        else:
            self.transport.write(bytes(refused))
            # Ended at once, with data that nobody has read, the connection would be reset before the answer is there.
            self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        # The parser and this object hold each other, and would wait for the garbage collector.
        self.parser = None  # type: ignore[assignment]


class Server(uvicorn.Server):
    """Sends its pages away before it ends; one that shares its listening socket leaves it to the others at once."""

    def __init__(self, config: uvicorn.Config, shares_listener: bool) -> None:
        super().__init__(config)
        self.shares_listener = shares_listener
        self.servers: list[asyncio.Server] = []  # A signal may come before uvicorn has made them.

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as the beginning of the end; uvicorn's own way would end with the signal, not with 0."""
        self.ending = ending.Ending(asyncio.get_running_loop(), self._begin)
        yield

    def _begin(self) -> None:
        self.should_exit = True
        if self.shares_listener:
            self._stop_listening()

    def _stop_listening(self) -> None:
        for server in self.servers:
            server.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then finish the running requests."""
        await drain.drain()
        await ending.until(self._has_no_websockets, ending.ANSWER_SECONDS)
        self._stop_listening()
        await asyncio.sleep(ending.LATE_SECONDS)
        self.config.timeout_graceful_shutdown = self.ending.seconds_left()  # type: ignore[assignment]
        await super().shutdown(sockets)

    def _has_no_websockets(self) -> bool:
        return not any(isinstance(connection, WebSocketConnection) for connection in self.server_state.connections)


def serve(application: Any, listener: socket.socket, shares_listener: bool) -> None:
    log.keep_short("uvicorn.error")
    config = uvicorn.Config(
        drain.TurnAwayWhileDraining(application),
        interface="asgi3",
        http=HttpConnection,
        ws=WebSocketConnection,
        # Compression would cost CPU and memory for each socket.
        ws_per_message_deflate=False,
        # Sockets only push: what a browser may send on them is small.
        ws_max_size=4096,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        lifespan="off",
        access_log=False,
        server_header=False,
        # `project.serve.clients` asks the proxy, on both servers alike.
        proxy_headers=False,
        log_level="warning",
    )
    Server(config, shares_listener).run(sockets=[listener])
