"""The relay's rules, one by one: order, doubles, gaps, bursts, slow readers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from messaging.models import Chat
from notifications.live import streams
from notifications.live.door import CONTROL_GROUP
from notifications.push import dom_id
from notifications.relay import process, relay, sockets, upkeep
from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Socket
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

Message = dict[str, Any]


class Page:
    """What one socket's page has been sent."""

    def __init__(self, session_key: str, *streams: str, after: int = 0) -> None:
        self.frames: list[str] = []
        self.closed_with: int | None = None
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.arrived = asyncio.Event()
        self.socket = Socket(session_key, dict.fromkeys(streams, after), self.send)

    async def send(self, message: Message) -> None:
        await self.may_send.wait()
        if message["type"] == "websocket.close":
            self.closed_with = message["code"]
        else:
            self.frames.append(message["text"])
        self.arrived.set()

    async def until(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not fact():
                self.arrived.clear()
                await self.arrived.wait()

    @property
    def text(self) -> str:
        return "".join(self.frames)


@database_sync_to_async
def session_of(user: User) -> str:
    return str(signed_in(user).cookies["sessionid"].value)


async def opened(user: User, *streams: str, after: int = 0) -> Page:
    page = Page(await session_of(user), *streams, after=after)
    process.current().add(page.socket)
    await page.until(lambda: bool(page.frames) or page.closed_with is not None)
    return page


def event(chat: Chat, seq: int | None, html: str | None) -> Message:
    return {"event": "soon", "group": chat.stream, "seq": seq, "html": html}


@pytest.fixture
async def receive(room: Chat) -> Callable[..., None]:
    """Let the relay receive events of the room as if Redis had brought them."""

    def receive(*events: tuple[int | None, str | None]) -> None:
        for seq, html in events:
            process.current().relay.receive_event(event(room, seq, html))

    return receive


async def test_events_in_order_are_sent_with_their_place(room: Chat, bob: User, receive: Callable[..., None]) -> None:
    page = await opened(bob, room.stream)
    receive((1, "<p>one</p>"))
    await page.until(lambda: "one" in page.text)
    assert page.frames[-1].endswith(streams.cursor(room.stream, 1))


async def test_what_comes_twice_is_sent_once(room: Chat, bob: User, receive: Callable[..., None]) -> None:
    page = await opened(bob, room.stream)
    receive((1, "<p>one</p>"), (1, "<p>one</p>"))
    receive((2, "<p>two</p>"), (1, "<p>one</p>"))
    await page.until(lambda: "two" in page.text)
    assert page.text.count("<p>one</p>") == 1


async def test_a_gap_is_filled_from_the_database_before_what_follows(
    room: Chat, alice: User, bob: User, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.live.door._send", lambda event: None)
    page = await opened(bob, room.stream)
    messages = [await database_sync_to_async(room.post)(alice, f"number {number}") for number in range(1, 4)]
    receive((1, f"<p>{dom_id(messages[0])}</p>"), (3, "<p>the third alone</p>"))
    await page.until(lambda: all(dom_id(message) in page.text for message in messages))
    positions = [page.text.index(dom_id(message)) for message in messages]
    assert positions == sorted(positions)
    assert page.frames[-1].endswith(streams.cursor(room.stream, 3))


async def test_what_redis_lost_comes_with_the_next_check(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "GRACE_SECONDS", 0.01)
    monkeypatch.setattr("notifications.live.door._send", lambda event: None)
    page = await opened(bob, room.stream)
    message = await database_sync_to_async(room.post)(alice, "lost on its way")
    await page.until(lambda: dom_id(message) in page.text)


async def test_what_commits_between_page_and_socket_is_replayed(room: Chat, alice: User, bob: User) -> None:
    seen = await database_sync_to_async(room.post)(alice, "on the page")
    missed = await database_sync_to_async(room.post)(alice, "after the page")
    page = await opened(bob, room.stream, after=1)
    assert dom_id(missed) in page.text
    assert dom_id(seen) not in page.text


async def test_what_comes_during_the_replay_follows_it(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database_sync_to_async(room.post)(alice, "missed")
    replay = streams.catch_up

    def replay_and_receive(name: str, after: int) -> str:
        html = replay(name, after)
        loop.call_soon_threadsafe(relay_of_loop.receive_event, event(room, 2, "<p>meanwhile</p>"))
        return html

    loop, relay_of_loop = asyncio.get_running_loop(), process.current().relay
    monkeypatch.setattr(streams, "catch_up", replay_and_receive)
    page = await opened(bob, room.stream)
    await page.until(lambda: "meanwhile" in page.text)
    assert "meanwhile" not in page.frames[0]


async def test_a_burst_leaves_as_one_frame_in_order(room: Chat, bob: User, receive: Callable[..., None]) -> None:
    page = await opened(bob, room.stream)
    receive(*((seq, f"<p>{seq}</p>") for seq in range(1, 51)))
    await page.until(lambda: "<p>50</p>" in page.text)
    assert len(page.frames) == 2, "the replay, and the burst"
    assert page.frames[1] == "".join(f"<p>{seq}</p>" for seq in range(1, 51)) + streams.cursor(room.stream, 50)


async def test_a_slow_reader_holds_nobody_back_and_gets_everything_in_order(
    room: Chat, alice: User, bob: User, receive: Callable[..., None]
) -> None:
    slow, quick = await opened(alice, room.stream), await opened(bob, room.stream)
    slow.may_send.clear()
    for seq in range(1, 6):
        receive((seq, f"<p>{seq}</p>"))
        await quick.until(lambda seq=seq: f"<p>{seq}</p>" in quick.text)  # type: ignore[misc]
    assert "<p>" not in slow.text
    slow.may_send.set()
    await slow.until(lambda: "<p>5</p>" in slow.text)
    positions = [slow.text.index(f"<p>{seq}</p>") for seq in range(1, 6)]
    assert positions == sorted(positions)


@pytest.mark.parametrize("text", ["x" * 600, "🔔" * 150], ids=["letters", "emoji"])
async def test_a_reader_who_owes_too_much_is_sent_away_and_the_others_stay(
    room: Chat, alice: User, bob: User, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(sockets, "MAX_OWED_BYTES", 1000)
    slow, quick = await opened(alice, room.stream), await opened(bob, room.stream)
    slow.may_send.clear()
    for seq in range(1, 5):
        receive((seq, text))
        await quick.until(lambda seq=seq: streams.cursor(room.stream, seq) in quick.text)  # type: ignore[misc]
    assert slow.socket.closed
    slow.may_send.set()
    await slow.until(lambda: slow.closed_with == CloseCode.TRY_LATER)
    assert quick.closed_with is None


async def test_a_socket_that_fails_is_sent_away_to_catch_up_and_the_others_are_served(
    room: Chat, alice: User, bob: User, receive: Callable[..., None]
) -> None:
    broken, good = await opened(alice, room.stream), await opened(bob, room.stream)

    async def fail(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise ValueError("too large for this server")
        await broken.send(message)

    broken.socket.send = fail
    receive((1, "<p>one</p>"))
    await good.until(lambda: "one" in good.text)
    await broken.until(lambda: broken.closed_with == CloseCode.TRY_LATER)


async def test_a_replay_that_cannot_be_sent_leaves_no_deaf_page(room: Chat, bob: User) -> None:
    page = Page(await session_of(bob), room.stream)

    async def fail(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise ValueError("too large for this server")
        await page.send(message)

    page.socket.send = fail
    process.current().add(page.socket)
    await page.until(lambda: page.closed_with == CloseCode.TRY_LATER)


async def test_an_outsider_is_closed_and_in_no_group(private: Chat, carol: User) -> None:
    page = await opened(carol, private.stream)
    assert page.closed_with == CloseCode.NOT_FOUND
    assert page.frames == []
    assert process.current().relay.groups == {}


async def test_the_last_socket_out_ends_the_groups(room: Chat, alice: User, bob: User) -> None:
    first, second = await opened(alice, room.stream), await opened(bob, room.stream)
    process.current().relay.remove(first.socket)
    assert set(process.current().relay.groups) == {room.stream}
    process.current().relay.remove(second.socket)
    assert process.current().relay.groups == {}
    assert process.current().relay.users == {}


async def test_when_the_database_fails_in_a_gap_nothing_is_skipped(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, receive: Callable[..., None]
) -> None:
    monkeypatch.setattr("notifications.live.door._send", lambda event: None)
    page = await opened(bob, room.stream)
    messages = [await database_sync_to_async(room.post)(alice, f"number {number}") for number in range(1, 4)]

    def fail(name: str, after: int) -> streams.Changes:
        raise RuntimeError("database is away")

    with monkeypatch.context() as broken:
        broken.setattr(streams, "changes", fail)
        receive((1, f"<p>{dom_id(messages[0])}</p>"), (3, "<p>third</p>"))
        group = process.current().relay.groups[room.stream]
        assert group.sending
        with pytest.raises(RuntimeError):
            await group.sending
    assert group.seq == 0
    receive((3, "<p>third</p>"))
    await page.until(lambda: all(dom_id(message) in page.text for message in messages))


async def test_when_the_database_fails_at_the_opening_everybody_comes_back(
    room: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(names: list[str]) -> dict[str, int]:
        raise RuntimeError("database is away")

    with monkeypatch.context() as broken:
        broken.setattr(streams, "tops", fail)
        page = await opened(bob, room.stream)
    assert page.closed_with == CloseCode.TRY_LATER
    assert process.current().relay.groups == {}
    assert (await opened(bob, room.stream)).frames


async def test_whoever_is_rechecked_without_a_session_is_closed(room: Chat, bob: User, alice: User) -> None:
    theirs, other = await opened(bob, room.stream), await opened(alice, room.stream)
    await Session.objects.filter(session_key=theirs.socket.session_key).adelete()
    process.current().relay.receive_event(
        {"event": "recheck", "group": CONTROL_GROUP, "user_pks": [bob.pk], "of_group": ""}
    )
    await theirs.until(lambda: theirs.closed_with == CloseCode.SIGNED_OUT)
    assert other.closed_with is None


async def test_a_large_group_is_sent_its_first_event_at_once_and_what_follows_in_one_frame(
    room: Chat, alice: User, bob: User, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MANY", 2)
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 3600.0)
    sleep, has_paused, pause_is_over = asyncio.sleep, asyncio.Event(), asyncio.Event()

    async def pause(seconds: float) -> None:
        if seconds < 1000:
            await sleep(seconds)
        else:
            has_paused.set()
            await pause_is_over.wait()

    monkeypatch.setattr(asyncio, "sleep", pause)
    pages = [await opened(user, room.stream) for user in (alice, bob)]
    receive((1, "<p>one</p>"))
    for page in pages:
        await page.until(lambda page=page: "one" in page.text)  # type: ignore[misc]
    receive((2, "<p>two</p>"))
    await has_paused.wait()
    late = await opened(bob, room.stream, after=1)
    receive((3, "<p>three</p>"))
    assert not any("two" in page.text for page in pages)
    pause_is_over.set()
    for page in (*pages, late):
        await page.until(lambda page=page: "three" in page.text)  # type: ignore[misc]
        assert page.frames[-1] == f"<p>two</p><p>three</p>{streams.cursor(room.stream, 3)}"
    assert [len(page.frames) for page in (*pages, late)] == [3, 3, 2]


async def test_a_small_group_waits_for_nothing(
    room: Chat, bob: User, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 3600.0)
    page = await opened(bob, room.stream)
    for seq in range(1, 4):
        receive((seq, f"<p>{seq}</p>"))
        await page.until(lambda seq=seq: f"<p>{seq}</p>" in page.text)  # type: ignore[misc]


async def test_what_changes_in_crowds_is_read_once_and_holds_up_no_message(
    room: Chat, alice: User, bob: User, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SOON_SECONDS", 3600.0)
    monkeypatch.setattr("notifications.live.door._send", lambda event: None)
    page = await opened(bob, room.stream)
    for which in range(1, 4):
        await database_sync_to_async(room.post)(alice, f"message {which}")
    receive((1, None))
    await page.until(lambda: "message 3" in page.text)
    assert page.frames[-1].endswith(streams.cursor(room.stream, 3)), (
        "the first is read at once, and what there is with it"
    )
    await database_sync_to_async(room.post)(alice, "message 4")
    receive((4, None))
    receive((4, None))
    await database_sync_to_async(room.post)(alice, "message 5")
    receive((5, "<p>message 5</p>"))
    await page.until(lambda: "message 5" in page.text)
    assert page.frames[-1].count("message 4") == 1
    assert page.frames[-1].count("message 5") == 1
    assert len(page.frames) == 3


async def test_no_page_is_told_of_what_is_just_going_out_to_it(
    room: Chat, alice: User, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SENDS_BEFORE_YIELD", 1)
    beats: list[asyncio.Task[None]] = []

    class First(Page):
        async def send(self, message: Message) -> None:
            await super().send(message)
            if "<p>one</p>" in message["text"] and not beats:
                beats.append(asyncio.create_task(process.current().upkeep.beat()))

    pages = [First(await session_of(alice), room.stream) for _ in range(10)]
    for page in pages:
        process.current().add(page.socket)
        await page.until(lambda page=page: bool(page.frames))  # type: ignore[misc]
    current = process.current().relay
    last_first = tuple(current.groups[room.stream].sockets)[::-1]
    monkeypatch.setattr(current, "everybody", lambda: list(last_first))
    receive((1, "<p>one</p>"))
    for page in pages:
        await page.until(lambda page=page: "<p>one</p>" in page.text)  # type: ignore[misc]
    await beats[0]
    for page in pages:
        assert page.text.index("<p>one</p>") < page.text.index(streams.cursor(room.stream, 1))
