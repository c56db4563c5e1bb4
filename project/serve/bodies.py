"""What a request may bring along, on any web server: bounded in size and time before anybody looks at it."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from asgiref.sync import markcoroutinefunction

from project.serve import inbound, uploads
from project.serve.inbound import BODY_SECONDS, FAREWELL_SECONDS


class BoundedBodies:
    """Answers 413 to bodies that are too large and 408 to those that are too slow, and ends their connections."""

    def __init__(self, application: Any) -> None:
        self.application = application
        markcoroutinefunction(self)  # Or other servers would take it for an application of ASGI 2.

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Coroutine[Any, Any, None]:
        # No coroutine of its own: that would cost memory for as long as each socket is open.
        if scope["type"] == "http":
            return self._answer(scope, receive, send)
        else:
            return self.application(scope, receive, send)

    async def _answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = _Body(scope, receive)
        try:
            await body.check(_announced(scope))
            await self.application(scope, body.receive, send)
        except inbound.Refused as error:
            refused = error.to(scope["path"])
            await send({"type": "http.response.start", "status": refused.status, "headers": refused.headers})
            await send({"type": "http.response.body", "body": refused.text, "more_body": True})
            # Ended at once, with data that nobody has read, the connection would be reset before the answer is there.
            await body.forget()
            await send({"type": "http.response.body"})


class _Body:
    def __init__(self, scope: dict[str, Any], receive: Any) -> None:
        self._receive = receive
        self.scope = scope
        self.large = uploads.largest_body(scope["method"], scope["path"])
        self.most = inbound.largest_body(scope["method"], scope["path"])
        self.until = asyncio.get_running_loop().time() + BODY_SECONDS
        self.size = 0
        self.is_whole = False

    async def receive(self) -> Any:
        if self.is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self.until):
                message = await self._receive()
        except TimeoutError:
            raise inbound.body_too_slow() from None
        self.is_whole = not message.get("more_body", False)
        size = len(message.get("body", b""))
        self.size += size
        await self.check(self.size)
        if self.size > inbound.BODY_BYTES:
            await uploads.pace.keep(size)
        return message

    async def check(self, size: int) -> None:
        if self.most < size <= self.large:
            await self._ask()
        if size > self.most:
            raise inbound.body_too_large(max(self.most, self.large))

    async def _ask(self) -> None:
        # Nothing more is read meanwhile: the server holds back what it has not been asked for.
        large, self.large = self.large, 0
        if await uploads.may_send(self.scope["path"], self.scope["headers"]):
            self.most = large
            self.until += uploads.seconds(large) - inbound.BODY_SECONDS

    async def forget(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                while not self.is_whole:
                    self.is_whole = not (await self._receive()).get("more_body", False)


def _announced(scope: dict[str, Any]) -> int:
    return max((int(value) for name, value in scope["headers"] if name == b"content-length"), default=0)
