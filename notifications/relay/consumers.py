"""Consumers: who is it, what may they follow, then the relay's. No rendering, no business.

Sockets are accepted before they are judged: a refused handshake looks like a network failure to the page, which would
try again for ever, while a close code tells it what to do.
"""

import sys
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import parse_cookie

from notifications.http import whole_number
from notifications.limits.windows import network
from notifications.relay import process
from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Socket


class StreamConsumer(AsyncWebsocketConsumer):
    """Relay the stream of the address to a signed-in page, from the page's own `?after=` on."""

    # Only the relay talks to the channel layer: an alias that is not configured gives this consumer none.
    channel_layer_alias = "none"
    socket: Socket | None = None

    async def connect(self) -> None:
        """Accept, and hand the socket over to be authorised and served, or closed with the reason."""
        await self.accept()
        cookies = b"; ".join(value for name, value in self.scope["headers"] if name.lower() == b"cookie")
        session_key = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
        send: Any = self.base_send
        stream = "{kind}.{pk}".format(**self.scope["url_route"]["kwargs"])
        self.socket = Socket(session_key, stream, send, sys.intern(network((self.scope.get("client") or [""])[0])))
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        process.current().add(self.socket, after=whole_number(query.get("after", [None])[0]) or 0)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Close: nothing is to be said here, and a client that talks could flood the process."""
        if self.socket:
            process.current().relay.close(self.socket, CloseCode.UNEXPECTED_DATA)

    async def disconnect(self, code: int) -> None:
        """Take the socket out of every group."""
        if self.socket:
            process.current().relay.remove(self.socket)


class UnknownAddressConsumer(AsyncWebsocketConsumer):
    """Answer an address that does not exist as if it were a stream that does not."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        """Accept, and close with the code of what is not there."""
        await self.accept()
        await self.close(int(CloseCode.NOT_FOUND))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Ignore what was sent before the close arrived."""
