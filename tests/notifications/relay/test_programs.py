"""Programs: data in the place of HTML comes in order, each change once, without gaps, and by the same rights."""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.utils import timezone

from messaging.messages import stream
from messaging.models import Chat
from notifications.api.models import Token, digest
from notifications.inbox import data as inbox_data
from notifications.inbox.notify import notify
from notifications.live import streams
from notifications.live.door import CONTROL_GROUP
from notifications.relay import process, programs, upkeep
from notifications.relay.close_codes import CloseCode
from notifications.relay.programs import NOW, Program
from tests.notifications.relay.test_admission import counted
from tests.notifications.relay.test_relay import Page, event, opened, session_of

pytestmark = pytest.mark.django_db(transaction=True)


class Listener(Page):
    """What one program has been told."""

    socket: Program

    def __init__(self, session_key: str, *streams: str, after: int = 0, token: str = "") -> None:
        super().__init__(session_key)
        self.socket = Program(session_key, dict.fromkeys(streams, after), self.send, token=token)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(frame) for frame in self.frames]

    def texts(self) -> list[str]:
        return [each["text"] for each in self.told if each["type"] == "message"]

    def seqs(self, stream: str) -> list[int]:
        return [each["seq"] for each in self.told if each["stream"] == stream and each["type"] != "synced"]

    def is_up_to_date(self) -> bool:
        return not self.socket.is_replayed and bool(self.frames)


async def listening(user: User, *streams: str, after: int = 0) -> Listener:
    listener = Listener(await session_of(user), *streams, after=after)
    process.current().add(listener.socket)
    await listener.until(lambda: listener.is_up_to_date() or listener.closed_with is not None)
    return listener


@database_sync_to_async
def token_of(user: User, *scopes: str, **fields: Any) -> tuple[Token, str]:
    token, secret = Token.objects.issue(user, "a test", scopes or ["read"], **fields)
    return token, digest(secret)


async def by_token(token: str, *streams: str, after: int = 0) -> Listener:
    listener = Listener("", *streams, after=after, token=token)
    process.current().add(listener.socket)
    await listener.until(lambda: listener.is_up_to_date() or listener.closed_with is not None)
    return listener


post = database_sync_to_async(Chat.post)


async def test_what_was_missed_comes_before_what_is_said_now(room: Chat, alice: User, bob: User) -> None:
    await post(room, alice, "missed")
    listener = await listening(bob, room.stream)
    await post(room, alice, "live")
    await listener.until(lambda: "live" in listener.texts())
    assert listener.texts() == ["missed", "live"]
    first, synced, last = listener.told
    assert (first["stream"], first["seq"], first["type"], first["author"]["username"]) == (
        room.stream,
        1,
        "message",
        "alice",
    )
    assert synced == {"stream": room.stream, "seq": 1, "type": "synced"}
    assert last["seq"] == 2


async def test_pages_and_programs_of_one_chat_are_told_the_same(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await opened(bob, room.stream)
    listeners = [await listening(bob, room.stream) for _ in range(3)]
    read = counted(monkeypatch, streams, "data")
    await post(room, alice, "to both kinds")
    for each in listeners:
        await each.until(lambda each=each: each.texts() == ["to both kinds"])  # type: ignore[misc]
    await page.until(lambda: "to both kinds" in page.text)
    assert len(read) == 1, "it is read once for all programs of the process"
    assert len({id(each.frames[-1]) for each in listeners}) == 1, "and encoded once"


async def test_a_chat_without_programs_reads_no_data(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await opened(bob, room.stream)
    read = counted(monkeypatch, streams, "data")
    await post(room, alice, "for pages alone")
    await page.until(lambda: "for pages alone" in page.text)
    assert read == []


async def test_what_redis_brings_twice_or_late_is_told_once_and_in_order(room: Chat, alice: User, bob: User) -> None:
    listener = await listening(bob, room.stream)
    for number in range(1, 5):
        await post(room, alice, f"number {number}")
    relay = process.current().relay
    for seq in (2, 1, 4, 4, 3, 1):
        relay.receive_event(event(room, seq, "<p>whatever</p>"))
    await listener.until(lambda: len(listener.texts()) >= 4)
    relay.receive_event(event(room, 4, "<p>again</p>"))
    await post(room, alice, "the last")
    await listener.until(lambda: "the last" in listener.texts())
    assert listener.seqs(room.stream) == [1, 2, 3, 4, 5]


async def test_what_redis_lost_comes_with_the_next_check(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "GRACE_SECONDS", 0.01)
    monkeypatch.setattr("notifications.live.door._send", lambda events: None)
    listener = await listening(bob, room.stream)
    await post(room, alice, "lost on its way")
    await listener.until(lambda: listener.texts() == ["lost on its way"])


async def test_what_could_not_be_read_for_programs_comes_with_the_next_check(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "GRACE_SECONDS", 0.01)
    listener, page = await listening(bob, room.stream), await opened(bob, room.stream)
    read = streams.data
    failed: list[str] = []

    def fail_once(name: str, after: int) -> streams.Data:
        if not failed:
            failed.append(name)
            raise OSError("The database is away.")
        return read(name, after)

    monkeypatch.setattr(streams, "data", fail_once)
    await post(room, alice, "read at the second try")
    await listener.until(lambda: listener.texts() == ["read at the second try"])
    assert failed
    assert page.text.count("read at the second try") == 1, "and pages are not sent it twice"


async def test_a_long_replay_is_read_in_parts_while_more_comes(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PART_SIZE", 3)
    for number in range(10):
        await post(room, alice, f"number {number}")
    # One that is here already keeps what is live going further all the time.
    here = await listening(alice, room.stream, after=NOW)
    read = streams.data
    said: list[str] = []
    # Both listeners are read for in threads of their own.
    one_at_a_time = threading.Lock()

    def read_and_post(name: str, after: int) -> streams.Data:
        data = read(name, after)
        with one_at_a_time:
            if len(said) < 5:
                said.append(f"meanwhile {len(said)}")
                room.post(alice, said[-1])
        return data

    monkeypatch.setattr(streams, "data", read_and_post)
    listener = Listener(await session_of(bob), room.stream)
    process.current().add(listener.socket)
    await listener.until(lambda: len(listener.texts()) == 15)
    assert listener.seqs(room.stream) == list(range(1, 16))
    await here.until(lambda: here.texts() == said)


async def test_who_has_no_place_is_told_what_comes_from_now_on(room: Chat, alice: User, bob: User) -> None:
    await post(room, alice, "of the past")
    listener = await listening(bob, room.stream, after=NOW)
    await post(room, alice, "from now on")
    await listener.until(lambda: "from now on" in listener.texts())
    assert listener.texts() == ["from now on"]
    assert listener.told[0] == {"stream": room.stream, "seq": 1, "type": "synced"}


async def test_a_place_that_was_never_is_reset(room: Chat, alice: User, bob: User) -> None:
    await post(room, alice, "before")
    listener = await listening(bob, room.stream, after=70)
    await post(room, alice, "after")
    await listener.until(lambda: "after" in listener.texts())
    assert [(each["seq"], each["type"]) for each in listener.told] == [(1, "reset"), (1, "synced"), (2, "message")]


async def test_edits_and_deletions_come_as_the_message_is_then(room: Chat, alice: User, bob: User) -> None:
    listener = await listening(bob, room.stream)
    message = await post(room, alice, "a slip")
    await database_sync_to_async(message.edit)("a word")
    await database_sync_to_async(message.delete_body)()
    await listener.until(lambda: any(each.get("deleted") for each in listener.told))
    assert {each["id"] for each in listener.told if each["type"] == "message"} == {message.pk}
    assert listener.told[-1]["text"] == ""


async def test_notifications_come_change_by_change(alice: User, bob: User) -> None:
    listener = await listening(bob, streams.of_person(bob.pk))
    await database_sync_to_async(notify)(bob, "The oven is hot.", url="/oven/")
    await listener.until(lambda: any(each["type"] == "notifications" for each in listener.told))
    (told,) = [each for each in listener.told if each["type"] == "notifications"]
    (notification,) = told["notifications"]
    assert (notification["text"], notification["url"], notification["read"]) == ("The oven is hot.", "/oven/", False)


async def test_a_change_of_very_many_notifications_says_only_that_there_was_one(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_data, "PART_SIZE", 2)
    for number in range(5):
        await database_sync_to_async(notify)(bob, f"number {number}")
    inbox = await database_sync_to_async(lambda: bob.inbox)()
    await database_sync_to_async(inbox.mark_read)()
    listener = await listening(bob, streams.of_person(bob.pk))
    assert listener.told[-2:] == [
        {"stream": inbox.stream, "seq": inbox.seq, "type": "changed"},
        {"stream": inbox.stream, "seq": inbox.seq, "type": "synced"},
    ]


async def test_no_frame_is_longer_than_clients_take(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = await post(room, alice, "\U0001f514 " * 5_000)
    listener = await listening(bob, room.stream)
    assert listener.texts() == [longest.body]
    assert len(listener.frames[0].encode()) < programs.FRAME_BYTES
    monkeypatch.setattr(programs, "FRAME_BYTES", 1000)
    await post(room, alice, "x" * 2_000)
    other = await listening(bob, room.stream, after=1)
    assert other.told[0] == {"stream": room.stream, "seq": 2, "type": "changed"}


async def test_who_leaves_a_chat_is_told_so_and_nothing_more_of_it(
    private: Chat, room: Chat, alice: User, bob: User
) -> None:
    listener = await listening(bob, private.stream, room.stream)
    await database_sync_to_async(private.release)(bob)
    await listener.until(lambda: any(each["type"] == "over" for each in listener.told))
    await post(private, alice, "between those who stayed")
    await post(room, alice, "for everybody")
    await listener.until(lambda: "for everybody" in listener.texts())
    assert listener.texts() == ["for everybody"]


async def test_who_may_follow_nothing_any_more_is_closed(private: Chat, bob: User) -> None:
    listener = await listening(bob, private.stream)
    await database_sync_to_async(private.release)(bob)
    await listener.until(lambda: listener.closed_with == CloseCode.NO_LONGER_ALLOWED)


async def test_an_outsider_is_told_nothing(private: Chat, alice: User, carol: User) -> None:
    await post(private, alice, "between us")
    listener = await listening(carol, private.stream)
    assert (listener.closed_with, listener.frames) == (CloseCode.NOT_FOUND, [])


async def test_a_right_that_ends_during_a_replay_ends_it(
    private: Chat, room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(private, alice, "of the past")
    here, read = process.current(), streams.data
    listener = Listener(await session_of(bob), private.stream, room.stream)
    judged = asyncio.Event()

    def read_late(name: str, after: int) -> streams.Data:
        if name == private.stream:
            private.memberships.filter(user=bob).delete()
            change = {"event": "recheck", "group": CONTROL_GROUP, "user_pks": [bob.pk], "of_group": ""}
            loop.call_soon_threadsafe(here.relay.receive_event, change)
            asyncio.run_coroutine_threadsafe(judged.wait(), loop).result(5)
        return read(name, after)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(streams, "data", read_late)
    here.add(listener.socket)
    await listener.until(lambda: listener.closed_with is not None)
    judged.set()
    assert (listener.closed_with, listener.texts()) == (CloseCode.TRY_LATER, [])


async def test_a_slow_program_is_sent_away_and_goes_on_from_what_it_has_handled(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.relay.sockets.MAX_OWED_BYTES", 5_000)
    listener, quick = await listening(bob, room.stream), await listening(alice, room.stream)
    listener.may_send.clear()
    for number in range(10):
        await post(room, alice, f"{number} " + "x" * 500)
    await quick.until(lambda: len(quick.texts()) == 10)
    listener.may_send.set()
    await listener.until(lambda: listener.closed_with == CloseCode.TRY_LATER)
    handled = max(listener.seqs(room.stream), default=0)
    again = await listening(bob, room.stream, after=handled)
    await again.until(lambda: 10 in again.seqs(room.stream))
    assert listener.seqs(room.stream) + again.seqs(room.stream) == list(range(1, 11))


async def test_a_heartbeat_says_how_far_the_stream_is(room: Chat, alice: User, bob: User) -> None:
    listener = await listening(bob, room.stream)
    await post(room, alice, "one")
    await listener.until(lambda: listener.texts() == ["one"])
    await process.current().upkeep.beat()
    assert listener.told[-1] == {"stream": room.stream, "seq": 1, "type": "synced"}


async def test_a_token_listens_for_its_person(private: Chat, alice: User, bob: User) -> None:
    token, secret = await token_of(bob)
    listener = await by_token(secret, private.stream)
    await post(private, alice, "for programs too")
    await listener.until(lambda: listener.texts() == ["for programs too"])
    await database_sync_to_async(token.refresh_from_db)()
    assert token.last_used_at, "its owner sees that it is used"


async def test_a_revoked_token_ends_at_once(private: Chat, bob: User) -> None:
    token, secret = await token_of(bob)
    _, kept = await token_of(bob)
    listener, stays = await by_token(secret, private.stream), await by_token(kept, private.stream)
    await database_sync_to_async(token.revoke)()
    await listener.until(lambda: listener.closed_with == CloseCode.SIGNED_OUT)
    assert stays.closed_with is None


async def test_an_expired_token_ends_with_the_next_look(
    private: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, secret = await token_of(bob)
    listener = await by_token(secret, private.stream)
    await database_sync_to_async(Token.objects.filter(pk=token.pk).update)(expires_at=timezone.now())
    await process.current().admission.recheck(process.current().relay.everybody)
    assert listener.socket.closed
    await listener.until(lambda: listener.closed_with == CloseCode.SIGNED_OUT)


@pytest.mark.parametrize(
    ("scopes", "secret", "code"),
    [
        (["write"], None, CloseCode.NO_LONGER_ALLOWED),
        (["read"], "not a token's", CloseCode.SIGNED_OUT),
    ],
)
async def test_a_token_that_may_not_listen_is_refused(
    private: Chat, bob: User, scopes: list[str], secret: str | None, code: CloseCode
) -> None:
    _, digested = await token_of(bob, *scopes)
    listener = await by_token(digest(secret) if secret else digested, private.stream)
    assert (listener.closed_with, listener.frames) == (code, [])


async def test_a_token_of_an_inactive_person_opens_nothing(private: Chat, bob: User) -> None:
    _, secret = await token_of(bob)
    bob.is_active = False
    await database_sync_to_async(bob.save)()
    assert (await by_token(secret, private.stream)).closed_with == CloseCode.SIGNED_OUT


async def test_many_programs_are_judged_and_brought_up_with_few_questions(
    room: Chat,
    alice: User,
    bob: User,
    django_assert_max_num_queries: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await post(room, alice, "missed")
    secrets = [(await token_of(user))[1] for user in (alice, bob) for _ in range(20)]
    read = counted(monkeypatch, streams, "data")
    listeners = [Listener("", room.stream, token=secret) for secret in secrets]
    for listener in listeners:
        process.current().add(listener.socket)
    for listener in listeners:
        await listener.until(lambda listener=listener: listener.texts() == ["missed"])  # type: ignore[misc]
    assert len(read) == 1


async def test_one_that_comes_back_at_once_hears_later_each_time_that_it_is_sent_away(
    bob: User, room: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns = process.current().admission.returns
    key = uuid.uuid4().hex
    dead = Program(key, {room.stream: 0}, lambda message: None, address="192.0.2.1")
    other = Program(uuid.uuid4().hex, {room.stream: 0}, lambda message: None, address="192.0.2.1")
    assert [returns.pause(dead) for _ in range(10)] == [0, 0, 0, 1, 2, 4, 8, 16, 25, 25]
    assert returns.pause(other) == 0
    page = Page(key, room.stream)
    assert returns.pause(page.socket) == 0, "a page knows what the code means"
    held = Listener(key, room.stream)
    held.socket.address = "192.0.2.1"
    monkeypatch.setattr("notifications.relay.returns.LONGEST_SECONDS", 0.3)
    began = asyncio.get_running_loop().time()
    process.current().add(held.socket)
    await held.until(lambda: held.closed_with == CloseCode.SIGNED_OUT)
    assert asyncio.get_running_loop().time() - began >= 0.3
