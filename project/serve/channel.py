"""Daphne's HTTP connections, bounded: a request reaches the application when all of it is here."""

from typing import Any
from urllib.parse import unquote

from daphne.http_protocol import WebRequest
from twisted.web.http import HTTPChannel

from project.serve import inbound
from project.serve.inbound import BODY_SECONDS, FAREWELL_SECONDS, HEAD_BYTES, HEAD_SECONDS

LINE_END = 2


class Request(WebRequest):
    """A request whose body is counted, and read by nobody but the application."""

    channel: "HttpChannel"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Twisted, too, would read the fields of a form, at many times its size.
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)

    def handleContentChunk(self, data: bytes) -> None:
        if self.channel.takes(len(data)):
            super().handleContentChunk(data)

    def process(self) -> None:
        """Hand the request on, without what Daphne would believe, or stumble over."""
        # Where the site is mounted is not for its visitors to say.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        if all(value.isascii() for value in self.requestHeaders.getRawHeaders(b"Sec-WebSocket-Protocol", [])):
            super().process()
        else:
            self.channel.refuse(inbound.Refused(400, "The name of a subprotocol is ASCII."))


class HttpChannel(HTTPChannel):
    """Refuses what is too large or too slow as early as that can be known."""

    totalHeadersSize = HEAD_BYTES
    MAX_LENGTH = HEAD_BYTES - LINE_END
    """Of the next line: what is left for the head."""
    body_left = 0
    refused = False
    transport: Any
    _path: Any

    def connectionMade(self) -> None:
        self.requestFactory = Request
        super().connectionMade()

    def resetTimeout(self) -> None:
        """Let the time run on: with each byte that drips in, Twisted would begin anew."""

    def dataReceived(self, data: bytes) -> None:
        if not self.refused:
            super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        self.MAX_LENGTH -= len(line) + LINE_END
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        self.refuse(inbound.head_too_large())

    def headerReceived(self, line: bytes) -> bool:
        if self._receivedHeaderCount == self.maxHeaders:
            self.refuse(inbound.head_too_large())
            return False
        return super().headerReceived(line)

    def allHeadersReceived(self) -> None:
        """Refuse a body that is announced as too large before anybody has asked for it."""
        self.MAX_LENGTH = HEAD_BYTES - LINE_END
        path = unquote(self._path.partition(b"?")[0].decode("latin-1"))
        self.most = self.body_left = inbound.largest_body(self._command.decode("latin-1"), path)
        if self.takes(self.length or 0):
            self.body_left = self.most
            self.setTimeout(BODY_SECONDS)
            super().allHeadersReceived()

    def takes(self, size: int) -> bool:
        """Count some more of the body; return whether it may still be read."""
        self.body_left -= size
        if self.body_left < 0 and not self.refused:
            self.refuse(inbound.body_too_large(self.most))
        return not self.refused

    def allContentReceived(self) -> None:
        if not self.refused:
            # For the next request; Twisted stops it until then.
            self.setTimeout(HEAD_SECONDS)
            super().allContentReceived()

    def timeoutConnection(self) -> None:
        """End; say why to whoever has begun to ask something."""
        if self.refused or not (self._buffer or self.requests):
            self.transport.abortConnection()
        else:
            self.refuse(inbound.head_too_slow() if self.line_mode else inbound.body_too_slow())

    def refuse(self, refused: inbound.Refused) -> None:
        """Answer, and read nothing more."""
        self.refused = True
        self.clearLineBuffer()
        self.transport.write(bytes(refused))
        # Ended at once, with data that nobody has read, the connection would be reset before the answer is there.
        self.setTimeout(FAREWELL_SECONDS)
