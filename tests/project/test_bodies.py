"""The bodies of requests are bounded on whatever web server the application runs."""

import asyncio
import re
from typing import Any

import pytest

from project.serve import bodies, inbound
from project.serve.bodies import BoundedBodies

Message = dict[str, Any]


class Exchange:
    """One request: what comes of its body, and what is answered."""

    def __init__(self, *chunks: bytes, path: str = "/", method: str = "POST", **headers: str) -> None:
        names = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.scope = {"type": "http", "method": method, "path": path, "headers": names}
        self.coming = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        self.answer: list[Message] = []

    def ended(self) -> "Exchange":
        self.coming.append({"type": "http.request", "body": b"", "more_body": False})
        return self

    async def receive(self) -> Message:
        if not self.coming:
            await asyncio.Event().wait()
        return self.coming.pop(0)

    async def send(self, message: Message) -> None:
        self.answer.append(message)

    async def status(self) -> int:
        """Let the application have it, and return the status of the answer."""
        await BoundedBodies(length)(self.scope, self.receive, self.send)
        assert not self.answer[-1].get("more_body")
        return int(self.answer[0]["status"])


async def length(scope: Message, receive: Any, send: Any) -> None:
    """An application that reads all, then answers."""
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"read"})


@pytest.fixture(autouse=True)
def small_and_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "BODY_BYTES", 100)
    monkeypatch.setattr(bodies, "FAREWELL_SECONDS", 0.01)


@pytest.mark.parametrize(
    ("exchange", "status"),
    [
        (Exchange(b"x" * 60, b"x" * 40).ended(), 200),
        (Exchange(b"x" * 60, b"x" * 41).ended(), 413),
        (Exchange(b"x" * 60, b"x" * 41), 413),
        (Exchange(content_length="100").ended(), 200),
        (Exchange(content_length="101"), 413),
        (Exchange(content_length="0", method="GET").ended(), 200),
        (Exchange(b"x", method="GET").ended(), 413),
        (Exchange(b"x", path="/healthz").ended(), 413),
        (Exchange(b"x", path="/healthz/elsewhere").ended(), 200),
    ],
)
async def test_what_is_too_large_is_refused(exchange: Exchange, status: int) -> None:
    assert await exchange.status() == status
    assert ((b"connection", b"close") in exchange.answer[0]["headers"]) is (status == 413)


async def test_what_is_announced_as_too_large_is_answered_before_any_of_it_is_read() -> None:
    exchange = Exchange(b"x" * 101, content_length="101").ended()

    async def receive() -> Message:
        assert exchange.answer[1]["body"] == b"What is sent here may have 100 bytes.\n"
        return await exchange.receive()

    await BoundedBodies(length)(exchange.scope, receive, exchange.send)
    assert exchange.coming == []


async def test_an_address_may_take_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "BODY_BYTES_BY_ADDRESS", ((re.compile(r"/letters/\d+/"), 200),))
    tried = [("/letters/7/", 200), ("/letters/7/", 201), ("/letters/", 101)]
    assert [await Exchange(b"x" * size, path=path).ended().status() for path, size in tried] == [200, 413, 413]


@pytest.mark.parametrize("chunks", [[], [b"x"] * 10])
async def test_what_does_not_come_in_time_is_refused(chunks: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    exchange = Exchange(*chunks)
    assert await exchange.status() == 408


async def test_who_has_sent_all_is_waited_for_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    gone = asyncio.Event()

    async def patient(scope: Message, receive: Any, send: Any) -> None:
        await receive()
        asyncio.get_running_loop().call_later(0.05, gone.set)
        assert (await receive())["type"] == "http.disconnect"
        gone.clear()

    async def receive() -> Message:
        if exchange.coming:
            return await exchange.receive()
        await gone.wait()
        return {"type": "http.disconnect"}

    exchange = Exchange().ended()
    await BoundedBodies(patient)(exchange.scope, receive, exchange.send)
    assert not gone.is_set()


async def test_who_leaves_before_the_end_is_no_error() -> None:
    exchange = Exchange(b"x")
    exchange.coming.append({"type": "http.disconnect"})
    seen = []

    async def application(scope: Message, receive: Any, send: Any) -> None:
        seen.extend([await receive(), await receive()])

    await BoundedBodies(application)(exchange.scope, exchange.receive, exchange.send)
    assert [message["type"] for message in seen] == ["http.request", "http.disconnect"]


async def test_sockets_pass_untouched() -> None:
    given: list[Any] = []

    async def application(*arguments: Any) -> None:
        given.extend(arguments)

    exchange = Exchange()
    socket = {"type": "websocket", "path": "/ws/"}
    await BoundedBodies(application)(socket, exchange.receive, exchange.send)
    assert given == [socket, exchange.receive, exchange.send]
