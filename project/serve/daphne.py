"""Daphne, with a drain before its end, and WebSocket connections that push back on slow readers."""

import asyncio
import logging
import socket
from collections.abc import Coroutine
from typing import IO, Any

import daphne.server  # Before any other part of Twisted: it chooses the reactor.
from asgiref.sync import markcoroutinefunction
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor as installed_reactor

from notifications.relay import drain
from notifications.relay.events import ABORT
from project.serve import ending, frames, inbound
from project.serve.channel import HttpChannel
from project.serve.inbound import CLOSE_SECONDS, FAREWELL_SECONDS, HEAD_SECONDS, MESSAGE_BYTES, BoundedInbound

reactor: Any = installed_reactor

LARGE = "bellwire.large"
CHUNK = 65_536


class WebSocketConnection(BoundedInbound, WebSocketProtocol):
    """Tells senders when its reader is slow; Daphne takes, and keeps, whatever is sent."""

    def connectionMade(self) -> None:
        """Take over from the HTTP connection, which would stop reading while it cannot write."""
        super().connectionMade()
        self.writable = asyncio.Event()
        self.writable.set()
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        """Read what a page has to say, and reset a connection that says more."""
        if self.state == self.STATE_CONNECTING:
            super().dataReceived(data)
            return
        taken, is_the_last = self.take(data)
        if taken:
            super().dataReceived(taken)
        if is_the_last:
            reactor.callLater(FAREWELL_SECONDS, self.dropConnection, abort=True)

    def _sendAutoPing(self) -> None:
        super()._sendAutoPing()
        self.expect_answer()

    def pauseProducing(self) -> None:
        """Let senders wait: the transport holds as much as it should."""
        self.writable.clear()

    def resumeProducing(self) -> None:
        self.writable.set()

    def stopProducing(self) -> None:
        """Say nothing: the connection is lost, which this object hears in any case."""

    def connectionLost(self, reason: Any) -> None:
        """Let senders go on: the server drops what is sent from now on."""
        self.writable.set()
        super().connectionLost(reason)


class FromDisk:
    """Hands a large body on as it is asked for."""

    def __init__(self, application: Any) -> None:
        self.application = application
        markcoroutinefunction(self)  # Or other servers would take it for an application of ASGI 2.

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Coroutine[Any, Any, None]:
        file = scope.pop(LARGE, None)
        return self.application(scope, _Body(file, receive) if file else receive, send)


class _Body:
    def __init__(self, file: IO[bytes], receive: Any) -> None:
        self.file = file
        self.receive = receive

    async def __call__(self) -> Any:
        if self.file.closed:
            return await self.receive()
        data = await asyncio.to_thread(self.file.read, CHUNK)
        if data:
            return {"type": "http.request", "body": data, "more_body": True}
        self.file.close()
        # Its end, which is all that Daphne has of it.
        return await self.receive()


class Server(daphne.server.Server):
    """Sends its pages away before it ends; one that shares its listening socket leaves it to the others at once."""

    def __init__(self, application: Any, shares_listener: bool, **options: Any) -> None:
        super().__init__(application, signal_handlers=False, ready_callable=self._prepare, **options)
        self.shares_listener = shares_listener
        self.ports: list[Any] = []
        self.connections: dict[Any, dict[str, Any]] = {}

    def _prepare(self) -> None:
        self.http_factory.protocol = HttpChannel
        self.http_factory.timeOut = HEAD_SECONDS
        self.ws_factory.protocol = WebSocketConnection
        # Who may come from where is the application's business: apps in shells of their own say `null`.
        self.ws_factory.setProtocolOptions(closeHandshakeTimeout=CLOSE_SECONDS, allowNullOrigin=True)
        self.ending = ending.Ending(asyncio.get_event_loop(), self._begin)

    def listen_success(self, port: Any) -> None:
        """Remember what is to be closed."""
        super().listen_success(port)
        self.ports.append(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Begin a call; a body that lies on the disk goes with it."""
        extensions = {ABORT: protocol.channel.transport.abortConnection} if isinstance(protocol, WebRequest) else {}
        scope = {**scope, LARGE: getattr(protocol, "large", None), "extensions": extensions}
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        """Send; an event, or a piece of a file, waits while its reader is slow, a close does not."""
        if message["type"] == "http.response.body" and protocol.channel:
            await protocol.channel.writable.wait()
        if message["type"] == "websocket.send":
            await protocol.writable.wait()
        if message["type"] == "websocket.send" and protocol.state == protocol.STATE_OPEN:
            # Autobahn would encode it anew for every socket, and hold it to the limit for what comes in.
            text = message.get("text")
            protocol.transport.write(frames.encoded(message["bytes"] if text is None else text))
        else:
            await super().handle_reply(protocol, message)

    def _begin(self) -> None:
        if self.shares_listener:
            self._stop_listening()
        self.finishing = asyncio.ensure_future(self._finish())

    def _stop_listening(self) -> None:
        for port in self.ports:
            port.stopListening()
        self.ports.clear()

    async def _finish(self) -> None:
        try:
            await drain.drain()
            await ending.until(lambda: not self._open(WebSocketConnection), ending.ANSWER_SECONDS)
            self._stop_listening()
            await asyncio.sleep(ending.LATE_SECONDS)
            for connection in self._open(WebSocketConnection):
                connection.dropConnection(abort=True)
            await ending.until(self._requests_are_done, self.ending.seconds_left())
        finally:
            reactor.stop()

    def _requests_are_done(self) -> bool:
        requests = self._open(WebRequest)
        for request in requests:
            if request.channel:
                request.channel.persistent = False
        # What the last answers have not written yet would be lost with the reactor.
        return not requests and not reactor.getWriters()

    def _open(self, kind: type) -> list[Any]:
        return [
            connection
            for connection, details in self.connections.items()
            if isinstance(connection, kind) and "disconnected" not in details
        ]

    def kill_all_applications(self) -> Any:
        """Cancel what still runs; Daphne stumbles over a connection that has no application yet or any more."""
        for connection in [each for each, details in self.connections.items() if "application_instance" not in details]:
            del self.connections[connection]
        return super().kill_all_applications()


def serve(application: Any, listener: socket.socket, shares_listener: bool) -> None:
    logging.getLogger("daphne").setLevel(logging.WARNING)
    server = Server(
        FromDisk(drain.TurnAwayWhileDraining(application)),
        shares_listener,
        # Twisted's endpoint for a descriptor closes it when it has made its own of it.
        endpoints=[f"fd:fileno={listener.detach()}"],
        # A page may stay open for as long as it likes.
        websocket_timeout=-1,
        websocket_max_message_size=MESSAGE_BYTES,
        websocket_max_frame_size=MESSAGE_BYTES,
        websocket_connect_timeout=inbound.HANDSHAKE_SECONDS,
        websocket_handshake_timeout=inbound.HANDSHAKE_SECONDS,
        ping_interval=20,
        ping_timeout=20,
        application_close_timeout=5,
        server_name="",
        verbosity=0,
    )
    server.run()
