"""uvicorn, with a drain before its end, bounded HTTP connections, and WebSockets of our own."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from notifications.relay import drain
from notifications.relay.events import ABORT
from project.serve import ending, handshake, inbound, log
from project.serve.inbound import FAREWELL_SECONDS, HEAD_BYTES, HEAD_SECONDS
from project.serve.websocket import Pulse, WebSocket, reset


class HttpConnection(HttpToolsProtocol):
    """Ends clients who do not come to the point, and leaves nothing behind when it becomes a WebSocket."""

    head_timer: asyncio.TimerHandle | None = None
    head_left = HEAD_BYTES
    refused = False

    def __init__(self, *args: Any, pulse: Pulse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pulse = pulse

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
        self.scope["extensions"] = {ABORT: partial(reset, self.transport)}  # type: ignore[dict-item]
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
        """Let another object take this one's place."""
        self.connections.discard(self)
        connection = WebSocket(self.transport, self.connections, self.pulse)
        self.transport.set_protocol(connection)
        scope: dict[str, Any] = {**self.scope}
        if begun := handshake.begin(connection, scope, self.url):
            call, scope = begun
            task = self.loop.create_task(call.run(self.app, scope))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)
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
        return not any(isinstance(connection, WebSocket) for connection in self.server_state.connections)


def serve(application: Any, listener: socket.socket, shares_listener: bool) -> None:
    log.keep_short("uvicorn.error")
    config = uvicorn.Config(
        drain.TurnAwayWhileDraining(application),
        interface="asgi3",
        http=partial(HttpConnection, pulse=Pulse()),  # type: ignore[arg-type]
        ws=WebSocket,
        lifespan="off",
        access_log=False,
        server_header=False,
        # `project.serve.clients` asks the proxy, on both servers alike.
        proxy_headers=False,
        log_level="warning",
    )
    Server(config, shares_listener).run(sockets=[listener])
