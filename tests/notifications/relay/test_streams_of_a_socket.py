"""One socket for all that a page follows: each stream has its own place, and its own end."""

import asyncio

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from messaging.models import Chat
from notifications.inbox.notify import notify
from notifications.live import streams
from notifications.push import dom_id
from notifications.relay import process, upkeep
from notifications.relay.close_codes import CloseCode
from tests.notifications.relay.test_admission import counted
from tests.notifications.relay.test_relay import Page, event, opened, session_of

pytestmark = pytest.mark.django_db(transaction=True)


def inbox(user: User) -> str:
    return streams.of_person(user.pk)


async def test_a_page_hears_all_that_it_follows(room: Chat, private: Chat, alice: User, bob: User) -> None:
    page = await opened(bob, inbox(bob), room.stream, private.stream)
    said = [await database_sync_to_async(chat.post)(alice, "hello") for chat in (room, private)]
    await database_sync_to_async(notify)(bob, "The oven is hot.")
    await page.until(lambda: "The oven is hot." in page.text and all(dom_id(each) in page.text for each in said))


async def test_a_page_has_a_place_in_each_stream_and_is_whole_with_its_first_frame(
    room: Chat, private: Chat, alice: User, bob: User
) -> None:
    seen, missed = [await database_sync_to_async(room.post)(alice, text) for text in ("seen", "missed")]
    other = await database_sync_to_async(private.post)(alice, "missed too")
    page = Page(await session_of(bob))
    page.socket.streams = {inbox(bob): 0, room.stream: 1, private.stream: 0}
    process.current().add(page.socket)
    await page.until(lambda: bool(page.frames))
    assert [dom_id(each) in page.frames[0] for each in (seen, missed, other)] == [False, True, True]
    for stream, seq in ((inbox(bob), 0), (room.stream, 2), (private.stream, 1)):
        assert streams.cursor(stream, seq) in page.frames[0]


async def test_replays_are_shared_by_those_who_follow_different_things(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database_sync_to_async(room.post)(alice, "What the pages lack.")
    pages = [Page(await session_of(user), inbox(user), room.stream) for user in (alice, bob) for _ in range(5)]
    replayed = counted(monkeypatch, streams, "catch_up")
    for page in pages:
        process.current().add(page.socket)
    for page in pages:
        await page.until(lambda page=page: bool(page.frames))  # type: ignore[misc]
    assert sorted(replayed) == sorted([(inbox(alice), 0), (inbox(bob), 0), (room.stream, 0)])


async def test_what_one_may_not_see_is_refused_alone(room: Chat, private: Chat, alice: User, carol: User) -> None:
    page = await opened(carol, inbox(carol), private.stream, "chat.999", inbox(alice), room.stream)
    for stream in (private.stream, "chat.999", inbox(alice)):
        await page.until(lambda stream=stream: streams.over(stream) in page.text)  # type: ignore[misc]
    said = [await database_sync_to_async(chat.post)(alice, "hello") for chat in (private, room)]
    await page.until(lambda: dom_id(said[1]) in page.text)
    await database_sync_to_async(notify)(carol, "For her.")
    await page.until(lambda: "For her." in page.text)
    assert dom_id(said[0]) not in page.text
    assert page.closed_with is None
    assert private.stream not in process.current().relay.groups


async def test_a_right_that_ends_takes_its_stream_and_leaves_the_others(
    room: Chat, private: Chat, alice: User, bob: User
) -> None:
    page, other = await opened(bob, inbox(bob), private.stream, room.stream), await opened(alice, private.stream)
    await database_sync_to_async(private.release)(bob)
    await page.until(lambda: streams.over(private.stream) in page.text)
    secret = await database_sync_to_async(private.post)(alice, "without him")
    await other.until(lambda: dom_id(secret) in other.text)
    public = await database_sync_to_async(room.post)(alice, "with him")
    await page.until(lambda: dom_id(public) in page.text)
    assert dom_id(secret) not in page.text
    assert page.text.count("data-over") == 1
    assert page.closed_with is None


async def test_who_may_follow_nothing_of_it_any_more_is_sent_away(private: Chat, alice: User, bob: User) -> None:
    page = await opened(bob, private.stream)
    await database_sync_to_async(private.release)(bob)
    await page.until(lambda: page.closed_with == CloseCode.NO_LONGER_ALLOWED)
    refused = await opened(bob, private.stream, inbox(alice))
    assert (refused.closed_with, refused.frames) == (CloseCode.NOT_FOUND, [])
    assert process.current().relay.users == {}


async def test_a_slow_reader_is_not_given_later_what_it_may_not_see_any_more(
    private: Chat, alice: User, bob: User
) -> None:
    slow, quick = await opened(bob, inbox(bob), private.stream), await opened(alice, private.stream)
    slow.may_send.clear()
    for seq in (1, 2):
        process.current().relay.receive_event(event(private, seq, f"<p>{seq}</p>"))
        await quick.until(lambda seq=seq: f"<p>{seq}</p>" in quick.text)  # type: ignore[misc]
    await database_sync_to_async(private.release)(bob)
    async with asyncio.timeout(5):
        while not slow.socket.closed:  # noqa: ASYNC110  # the relay has nobody to tell
            await asyncio.sleep(0.01)
    slow.may_send.set()
    await slow.until(lambda: slow.closed_with == CloseCode.TRY_LATER)
    assert "<p>2</p>" not in slow.text


async def test_a_page_of_many_streams_hears_that_it_is_connected(
    room: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CHECK_SECONDS", "BEAT_SECONDS"):
        monkeypatch.setattr(upkeep, name, 0.05)
    page = await opened(bob, inbox(bob), room.stream)
    await page.until(lambda: len(page.frames) > 2)
    assert set(page.frames[1:]) == {streams.cursor(inbox(bob), 0)}


async def test_a_page_that_asks_for_too_much_is_told_so(bob: User) -> None:
    assert (await opened(bob, *(f"chat.{pk}" for pk in range(51)))).closed_with == CloseCode.TOO_MANY
    assert (await opened(bob, inbox(bob), *(f"chat.{pk}" for pk in range(49)))).closed_with is None
