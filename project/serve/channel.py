"""Daphne's HTTP connections, bounded: a request reaches the application when all of it is here."""

import asyncio
import io
import logging
import tempfile
from typing import Any
from urllib.parse import unquote

from daphne.http_protocol import WebRequest
from django.conf import settings
from twisted.web.http import HTTPChannel

from project.serve import inbound, uploads
from project.serve.inbound import BODY_SECONDS, FAREWELL_SECONDS, HEAD_BYTES, HEAD_SECONDS

logger = logging.getLogger(__name__)

LINE_END = 2


class Request(WebRequest):
    """A request whose body is counted, and read by nobody but the application."""

    channel: "HttpChannel"
    content: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Twisted, too, would read the fields of a form, at many times its size.
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)
        self.large: Any = None

    def gotLength(self, length: int | None) -> None:
        """Begin a body; a large one lies where uploads do: /tmp may be memory."""
        super().gotLength(length)
        if self.channel.is_large:
            self.content.close()
            self.content = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - Twisted closes it

    def handleContentChunk(self, data: bytes) -> None:
        if self.channel.takes(len(data)):
            super().handleContentChunk(data)

    def process(self) -> None:
        """Hand the request on, without what Daphne would believe, or stumble over."""
        # Where the site is mounted is not for its visitors to say.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        if all(value.isascii() for value in self.requestHeaders.getRawHeaders(b"Sec-WebSocket-Protocol", [])):
            if self.channel.is_large:
                # Daphne would read all of it into memory; `daphne.FromDisk` hands it on piece by piece.
                self.large, self.content = self.content, io.BytesIO()
                self.large.seek(0)
            super().process()
        else:
            self.channel.refuse(inbound.Refused(400, "The name of a subprotocol is ASCII."))


class HttpChannel(HTTPChannel):
    """Refuses what is too large or too slow as early as that can be known."""

    totalHeadersSize = HEAD_BYTES
    MAX_LENGTH = HEAD_BYTES - LINE_END
    """Of the next line: what is left for the head."""
    body_left = 0
    is_large = False
    """Whether a body is announced that only those may send who may write where it is sent."""
    refused = False
    transport: Any
    _path: Any

    def connectionMade(self) -> None:
        self.requestFactory = Request
        self.writable = asyncio.Event()
        self.writable.set()
        super().connectionMade()

    def resetTimeout(self) -> None:
        """Let the time run on: with each byte that drips in, Twisted would begin anew."""

    def pauseProducing(self) -> None:
        """Let senders wait: the transport holds as much as it should."""
        self.writable.clear()
        super().pauseProducing()

    def resumeProducing(self) -> None:
        self.writable.set()
        super().resumeProducing()

    def connectionLost(self, reason: Any = None) -> None:
        """Let senders go on: what is sent from now on is dropped."""
        self.writable.set()
        super().connectionLost(reason)

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
        method, announced = self._command.decode("latin-1"), self.length or 0
        self.most = inbound.largest_body(method, path)
        large = uploads.largest_body(method, path)
        self.is_large = bool(large) and announced > self.most
        if self.is_large:
            self.most = large
        self.body_left = self.most
        if self.takes(announced):
            self.body_left = self.most
            self.setTimeout(uploads.seconds(announced) if self.is_large else BODY_SECONDS)
            super().allHeadersReceived()
            if self.is_large:
                # What has come with the head is all that is read until that is known.
                self.transport.pauseProducing()
                self.asking = asyncio.ensure_future(self._ask(path))

    async def _ask(self, path: str) -> None:
        head = self.requests[-1].requestHeaders.getAllRawHeaders()
        try:
            may_send = await uploads.may_send(path, [(name, value) for name, values in head for value in values])
        except Exception:
            logger.exception("Whether somebody may send a file could not be asked")
            self.transport.abortConnection()
        else:
            if not may_send and not self.refused:
                self.refuse(inbound.body_too_large(inbound.BODY_BYTES))
            self.transport.resumeProducing()

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
