"""One browser's WebSocket as the relay sees it: who it is, what it follows, what it is still owed."""

import asyncio
import logging
import sys
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from notifications import metrics
from notifications.relay.close_codes import CloseCode

logger = logging.getLogger(__name__)

MAX_OWED_BYTES = 1_000_000
"""What a slow reader may be behind before it is sent away; it comes back and catches up from the database."""

Message = dict[str, Any]


@dataclass(eq=False, slots=True)
class Socket:
    """A socket starts parked: what comes for it is kept until it has been brought up to date.

    `streams` are what it follows, each with the `seq` from which on. `send` takes an ASGI message, and returns what is
    left to be awaited; None says that it is sent.
    """

    session_key: str
    streams: dict[str, int]
    send: Callable[[Message], Coroutine[Any, Any, None] | None]
    address: str = ""
    user_pk: int = 0
    groups: set[str] = field(default_factory=set)
    closed: bool = False
    owed: list[str] | None = field(default_factory=list)
    owed_bytes: int = 0
    sender: asyncio.Task[None] | None = None

    def offer(self, message: Message) -> None:
        """Send a `websocket.send` message without waiting; while another is still being sent, keep it for later."""
        if self.closed:
            return
        if self.owed is None:
            try:
                sending = self.send(message)
                rest = None if sending is None else start(sending)
            except Exception as error:
                self._failed(error)
                return
            if rest is not None:
                self.owed = []
                self.sender = asyncio.ensure_future(self._send_owed(rest))
        else:
            self.owed.append(message["text"])
            # What it takes in memory: an emoji is one character and four bytes.
            self.owed_bytes += sys.getsizeof(message["text"])
            if self.owed_bytes > MAX_OWED_BYTES:
                self.close(CloseCode.TRY_LATER)

    def release(self, html: str) -> None:
        """Send what brings the page up to date, then what has come meanwhile, and from now on all that comes."""
        owed, self.owed, self.owed_bytes = self.owed, None, 0
        self.offer({"type": "websocket.send", "text": html})
        if owed:
            self.offer({"type": "websocket.send", "text": "".join(owed)})

    def joined(self, owed: list[str]) -> list[str]:
        """Return the frames that say what it is owed: like any burst, fragments say the same in one as in many."""
        return ["".join(owed)]

    async def _send_owed(self, first: Awaitable[None]) -> None:
        try:
            await first
            while self.owed:
                frames, self.owed, self.owed_bytes = self.joined(self.owed), [], 0
                for frame in frames:
                    await self._finish({"type": "websocket.send", "text": frame})
            self.owed = self.sender = None
        except Exception as error:
            self._failed(error)

    def close(self, code: CloseCode, after: float = 0) -> None:
        """Send nothing more, and close with `code` as soon as the connection takes it, or so many seconds later."""
        if not self.closed:
            self.closed = True
            metrics.closes.labels(code.name.lower()).inc()
            if self.sender:
                self.sender.cancel()
            self.sender = asyncio.ensure_future(self._close(code, after))

    def _failed(self, error: Exception) -> None:
        # Mostly the connection is gone already. If it is not, its page has lost a frame and must come back for it.
        logger.debug("A frame could not be sent: %r", error)
        self.close(CloseCode.TRY_LATER)

    async def _close(self, code: CloseCode, after: float) -> None:
        try:
            if after:
                await asyncio.sleep(after)
            await self._finish({"type": "websocket.close", "code": int(code)})
        except Exception:
            return  # It was gone already.

    async def _finish(self, message: Message) -> None:
        if (sending := self.send(message)) is not None:
            await sending


def start(coroutine: Coroutine[Any, Any, None]) -> Awaitable[None] | None:
    """Run `coroutine` up to its first wait; return what is left of it to await, or None when it has finished.

    A task for each send would cost more than the send itself. Sends finish at once unless the reader is slow.
    """
    try:
        waiting_for = coroutine.send(None)
    except StopIteration:
        return None
    return _rest(coroutine, waiting_for)


@types.coroutine
def _rest(coroutine: Coroutine[Any, Any, None], waiting_for: Any) -> Generator[Any, Any, None]:
    # The first wait has been taken from the coroutine already, so it is handed on before the rest is run as usual.
    while True:
        try:
            value = yield waiting_for
        except BaseException as error:
            step = partial(coroutine.throw, error)
        else:
            step = partial(coroutine.send, value)
        try:
            waiting_for = step()
        except StopIteration:
            return
