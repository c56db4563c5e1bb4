"""Admission: many sockets with few questions, and nobody by a right that has just ended."""

import asyncio
import sys
from collections.abc import Collection
from types import ModuleType
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.http import parse_cookie
from pytest_django.fixtures import Settings

from messaging.chats.reading import note_read
from messaging.models import Chat
from notifications.live import door, streams
from notifications.live.door import CONTROL_GROUP
from notifications.push import dom_id
from notifications.relay import admission, process, rights
from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Socket
from tests.notifications.relay.test_relay import Page, opened, session_of

pytestmark = pytest.mark.django_db(transaction=True)


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """Note the calls of a function that goes on doing its work."""
    calls: list[Any] = []
    function = getattr(module, name)

    def call(*args: Any) -> Any:
        calls.append(args)
        return function(*args)

    monkeypatch.setattr(module, name, call)
    return calls


async def test_pages_that_come_back_at_once_share_judgement_opening_and_replay(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = await database_sync_to_async(room.post)(alice, "while they were away")
    pages = [Page(await session_of(user), room.stream) for user in (alice, bob) for _ in range(20)]
    judged, opened_, replayed = (
        counted(monkeypatch, *each) for each in ((rights, "judge"), (streams, "tops"), (streams, "catch_up"))
    )
    for page in pages:
        process.current().add(page.socket)
    for page in pages:
        await page.until(lambda page=page: dom_id(missed) in page.text)  # type: ignore[misc]
    assert (len(judged), len(opened_), len(replayed)) == (1, 1, 1)


async def test_pages_that_come_one_by_one_share_a_replay_until_more_has_been_relayed(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "SHARED_SECONDS", 3600.0)
    first = await database_sync_to_async(room.post)(alice, "while they were away")
    replayed = counted(monkeypatch, streams, "catch_up")
    for user in (alice, bob):
        assert dom_id(first) in (await opened(user, room.stream)).text
    assert len(replayed) == 1
    here = await opened(alice, room.stream, after=1)
    second = await database_sync_to_async(room.post)(alice, "to those who are here")
    await here.until(lambda: dom_id(second) in here.text)
    late = await opened(bob, room.stream)
    assert [dom_id(message) in late.frames[0] for message in (first, second)] == [True, True]
    assert len(replayed) == 2


async def test_a_page_that_lacks_nothing_asks_the_database_for_nothing(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await database_sync_to_async(room.post)(alice, "on the page")
    replayed = counted(monkeypatch, streams, "catch_up")
    page = await opened(bob, room.stream, after=message.changed_seq)
    assert page.frames == [streams.cursor(room.stream, message.changed_seq)]
    assert replayed == []


async def test_everybody_gets_the_replay_from_their_own_place(room: Chat, alice: User, bob: User) -> None:
    messages = [await database_sync_to_async(room.post)(alice, f"number {number}") for number in (1, 2)]
    key = await session_of(bob)
    pages = [Page(key, room.stream, after=after) for after in range(3)]
    for page in pages:
        process.current().add(page.socket)
    for page in pages:
        await page.until(lambda page=page: bool(page.frames))  # type: ignore[misc]
    shown = [[dom_id(message) in page.text for message in messages] for page in pages]
    assert shown == [[True, True], [False, True], [False, False]]


async def test_a_right_that_ends_while_a_socket_is_judged_ends_for_that_socket_too(
    private: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = rights.judge

    def judge_and_remove(sockets: Collection[Socket], refusal: CloseCode) -> dict[Socket, rights.Verdict]:
        verdicts = judge(sockets, refusal)
        monkeypatch.setattr(rights, "judge", judge)
        private.memberships.filter(user=bob).delete()
        event = {"event": "recheck", "group": CONTROL_GROUP, "user_pks": [bob.pk], "of_group": ""}
        loop.call_soon_threadsafe(here.relay.receive_event, event)
        return verdicts

    loop, here = asyncio.get_running_loop(), process.current()
    monkeypatch.setattr(rights, "judge", judge_and_remove)
    page = await opened(bob, private.stream)
    await page.until(lambda: page.closed_with == CloseCode.NO_LONGER_ALLOWED)
    assert here.relay.users == {}


async def test_who_leaves_while_being_judged_is_not_kept(
    room: Chat, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = rights.judge
    page = Page(await session_of(bob), room.stream)

    def judge_and_leave(sockets: Collection[Socket], refusal: CloseCode) -> dict[Socket, rights.Verdict]:
        asyncio.run_coroutine_threadsafe(leave(), loop).result(5)
        return judge(sockets, refusal)

    async def leave() -> None:
        here.relay.remove(page.socket)

    loop, here = asyncio.get_running_loop(), process.current()
    monkeypatch.setattr(rights, "judge", judge_and_leave)
    here.add(page.socket)
    assert here.admission.admitting
    await here.admission.admitting
    assert (here.relay.users, here.relay.groups) == ({}, {})


@pytest.mark.parametrize("broken", [(rights, "judge"), (streams, "catch_up")], ids=["judging", "replaying"])
async def test_when_the_database_fails_pages_are_told_to_come_back(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, broken: tuple[Any, str]
) -> None:
    missed = await database_sync_to_async(room.post)(alice, "while they were away")

    def fail(*args: Any) -> None:
        raise RuntimeError("database is away")

    with monkeypatch.context() as patch:
        patch.setattr(*broken, fail)
        page = await opened(bob, room.stream)
    assert page.closed_with == CloseCode.TRY_LATER
    assert process.current().relay.users == {}
    assert dom_id(missed) in (await opened(bob, room.stream)).text


@pytest.mark.parametrize("claim", ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"])
async def test_a_session_that_django_would_not_believe_is_signed_out(room: Chat, bob: User, claim: str) -> None:
    key = await session_of(bob)

    @database_sync_to_async
    def forge() -> None:
        session = SessionStore(key)
        del session[claim]
        session.save()

    await forge()
    page = Page(key, room.stream)
    process.current().add(page.socket)
    await page.until(lambda: page.closed_with == CloseCode.SIGNED_OUT)


async def test_a_cookie_that_can_be_no_sessions_keeps_nobody_else_out(room: Chat, bob: User) -> None:
    poisoned = parse_cookie(r'sessionid="\000abcdefgh"')["sessionid"]
    assert "\0" in poisoned, "which PostgreSQL refuses to look for"
    stranger, bobs = Page(poisoned, room.stream), Page(await session_of(bob), room.stream)
    for page in (stranger, bobs):
        process.current().add(page.socket)
    for page in (stranger, bobs):
        await page.until(lambda page=page: bool(page.frames) or page.closed_with is not None)  # type: ignore[misc]
    assert (stranger.closed_with, bobs.closed_with) == (CloseCode.SIGNED_OUT, None)


class OwnSessions(SessionStore):
    """Sessions of a project that has a class of its own for them; what it writes only that can read."""


async def test_sessions_are_read_as_the_project_writes_them(
    room: Chat, bob: User, carol: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = await session_of(carol)
    engine = ModuleType("own_sessions")
    engine.SessionStore = OwnSessions  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_sessions", engine)
    settings.SESSION_ENGINE = "own_sessions"
    assert (await opened(bob, room.stream)).closed_with is None
    page = Page(foreign, room.stream)
    process.current().add(page.socket)
    await page.until(lambda: page.closed_with == CloseCode.SIGNED_OUT)


async def test_a_page_has_what_redis_did_not_take_soon_after_it_takes_pushes_again(
    private: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await database_sync_to_async(private.post)(alice, "to be read")
    first, other, elsewhere = [await opened(user, streams.of_person(user.pk)) for user in (bob, bob, alice)]
    for page in (first, other, elsewhere):
        page.frames.clear()

    def refuse(*args: Any) -> None:
        raise TimeoutError

    with monkeypatch.context() as away:
        away.setattr(door, "_send_in_loop", refuse)
        await database_sync_to_async(note_read)(bob, private, message.number)
    for page in (first, other):
        await page.until(lambda page=page: f'id="chat-read-{private.pk}" data-seq="{message.number}"' in page.text)  # type: ignore[misc]
    assert elsewhere.frames == [], "nothing of theirs was lost"
    assert not door._missing
