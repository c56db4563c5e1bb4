"""The drain: all sockets are closed, evenly spread, within a bound, and newcomers are turned away."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from notifications import metrics
from notifications.relay import drain, process
from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Socket

Message = dict[str, Any]


@pytest.fixture(autouse=True)
def begun() -> Iterator[None]:
    """Undo what ends a process once and for all."""
    yield
    drain.begun.clear()


class Pages:
    """Open sockets of this loop's relay, and when they were closed with which code."""

    def __init__(self, count: int) -> None:
        self.closed: list[tuple[float, int]] = []
        for number in range(count):
            self.open(number)

    def open(self, user_pk: int) -> None:
        process.current().relay.users[user_pk] = {Socket("", {f"user.{user_pk}": 0}, self.send, user_pk=user_pk)}
        metrics.sockets.inc()

    async def send(self, message: Message) -> None:
        assert message["type"] == "websocket.close"
        self.closed.append((asyncio.get_running_loop().time(), message["code"]))

    async def drain(self) -> list[float]:
        """Drain, and return how long after its beginning each socket was closed."""
        began = asyncio.get_running_loop().time()
        await drain.drain()
        await asyncio.sleep(0)
        assert {code for _, code in self.closed} == {CloseCode.SERVICE_RESTART}
        return [round(at - began, 3) for at, _ in self.closed]


async def test_few_are_closed_at_the_pace() -> None:
    times = await Pages(40).drain()
    assert len(times) == 40
    assert 39 / drain.SOCKETS_PER_SECOND <= times[-1] < 1
    assert times[19] > 0.08, "evenly: half of them in half of the time"


async def test_many_are_closed_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "LONGEST_SECONDS", 0.1)
    times = await Pages(200).drain()
    assert len(times) == 200
    assert 0.09 < times[-1] < 0.9


async def test_one_that_opens_meanwhile_is_closed_too() -> None:
    pages = Pages(20)
    asyncio.get_running_loop().call_later(0.02, pages.open, 999)
    assert len(await pages.drain()) == 21
    assert not process.current().relay.users


async def test_newcomers_are_accepted_and_closed_once_it_has_begun() -> None:
    passed: list[str] = []
    sent: list[Message] = []

    async def application(scope: Message, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    async def send(message: Message) -> None:
        sent.append(message)

    async def come(kind: str) -> None:
        incoming = iter(["websocket.connect", "websocket.receive", "websocket.disconnect"])

        async def receive() -> Message:
            return {"type": next(incoming)}

        await drain.TurnAwayWhileDraining(application)({"type": kind}, receive, send)

    await come("websocket")
    drain.begun.set()
    await come("http")
    await come("websocket")
    assert passed == ["websocket", "http"]
    assert sent == [{"type": "websocket.accept"}, {"type": "websocket.close", "code": 4012}]
