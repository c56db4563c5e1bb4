"""How a request becomes a WebSocket on uvicorn, and the application's call for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from project.serve.inbound import HANDSHAKE_SECONDS
from project.serve.websocket import Listener, WebSocket

logger = logging.getLogger("uvicorn.error")
HANDOVER = "bellwire.handover"
"""The extension of ASGI by which an application gives its connection to a listener and returns: of the call, its scope
and everything around it nothing stays in memory."""
DENIAL = "websocket.http.response"
"""The extension of ASGI by which an application refuses a handshake with an answer of its own."""
_handshakes = ServerProtocol(logger=logger)
"""It is asked about all handshakes, of which it keeps nothing."""
_OF_HANDSHAKES = (b"connection", b"upgrade", b"origin", b"sec-websocket-")


class Call:
    """A call of the application, which lasts for as long as the connection unless it hands that over."""

    def __init__(self, connection: WebSocket, response: Response) -> None:
        self.connection = connection
        self.response: Response | None = response
        self.denial: dict[str, Any] | None = None
        self.denied = b""
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.messages.put_nowait({"type": "websocket.connect"})
        connection.listener = self
        self.timer = asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS, self._give_up)

    async def run(self, application: Any, scope: dict[str, Any]) -> None:
        """Call the application, and end what it has left open when it returns."""
        try:
            extensions = {HANDOVER: self.hand_over, DENIAL: {}}
            await application({**scope, "extensions": extensions}, self.messages.get, self.send)
        except ConnectionResetError:
            pass  # It has heard so from `send`.
        except Exception:
            logger.exception("Exception in ASGI application\n")
        if self.response:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
        elif self.connection.listener is self and not self.connection.is_closing:
            self.connection.transport.close()

    async def send(self, message: Any) -> None:
        """Send an ASGI message, as soon as the reader is ready for it."""
        if self.response is None:
            if waiting := self.connection.send(message):
                await waiting
        elif self.connection not in self.connection.connections:
            raise ConnectionResetError("The connection is closed.")
        elif message["type"] == "websocket.accept":
            self._accept(self.response, message)
        elif message["type"] == "websocket.close":
            self._refuse(HTTPStatus.FORBIDDEN)
        elif message["type"] == f"{DENIAL}.start":
            self.denial = message
        elif message["type"] == f"{DENIAL}.body" and self.denial:
            self._deny(self.denial, message)
        else:
            raise RuntimeError(f"A connection is accepted or closed first, and not sent {message['type']!r}.")

    def _accept(self, response: Response, message: Any) -> None:
        for name, value in message.get("headers", ()):
            response.headers[name.decode("latin-1")] = value.decode("latin-1")
        if subprotocol := message.get("subprotocol"):
            response.headers["Sec-WebSocket-Protocol"] = subprotocol
        self._answer(response)
        self.connection.open()

    def _answer(self, response: Response) -> None:
        self.timer.cancel()
        self.response = None
        self.connection.transport.write(response.serialize())

    def _refuse(self, status: HTTPStatus) -> None:
        self._answer(_handshakes.reject(status, ""))
        self.connection.transport.close()

    def _give_up(self) -> None:
        """Refuse what the application has not answered in time; it hears that the connection is lost."""
        if self.connection in self.connection.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            self.connection.is_closing = True

    def _deny(self, start: dict[str, Any], message: Any) -> None:
        self.denied += message.get("body", b"")
        if not message.get("more_body", False):
            response = _handshakes.reject(HTTPStatus(start["status"]), self.denied.decode())
            for name, value in start.get("headers", ()):
                # What it says of its own has the last word.
                response.headers.pop(name.decode("latin-1"), None)
                response.headers[name.decode("latin-1")] = value.decode("latin-1")
            self._answer(response)
            self.connection.transport.close()

    def hand_over(self, listener: Listener) -> Callable[[Any], Awaitable[None] | None]:
        """Tell `listener` from now on what happens to the connection; return what sends on it."""
        self.connection.listener = listener
        if self.connection not in self.connection.connections:
            listener.disconnect(self.connection.code)
        return self.connection.send

    def receive(self, message: dict[str, Any]) -> None:
        self.messages.put_nowait(message)

    def disconnect(self, code: int) -> None:
        self.messages.put_nowait({"type": "websocket.disconnect", "code": code})


def begin(connection: WebSocket, http: dict[str, Any], url: bytes) -> tuple[Call, dict[str, Any]] | None:
    """Return the call for a request that is a handshake, and its scope; refuse any other and return None."""
    headers = Headers(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in http["headers"]
        if name.startswith(_OF_HANDSHAKES)
    )
    response = _handshakes.accept(Request(url.decode("latin-1"), headers, http["method"]))
    if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
        connection.transport.write(response.serialize())
        connection.transport.close()
        return None
    path, _, query = url.partition(b"?")
    return Call(connection, response), {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if http["scheme"] == "https" else "ws",
        "server": http["server"],
        "client": http["client"],
        "root_path": http["root_path"],
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "headers": http["headers"],
        "subprotocols": [
            name.strip() for said in headers.get_all("Sec-WebSocket-Protocol") for name in said.split(",")
        ],
        "state": http["state"],
    }
