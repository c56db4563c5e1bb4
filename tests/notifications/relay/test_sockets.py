"""Sockets through the whole ASGI application and a real Redis: who gets in, who is sent away, and when."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from messaging.models import Chat
from notifications.inbox.notify import notify
from notifications.live.door import push_html
from notifications.relay import process, upkeep
from notifications.relay.close_codes import CloseCode
from project.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Awaitable[WebsocketCommunicator]]


@pytest.fixture
async def open_socket() -> AsyncIterator[Open]:
    """Open sockets that are closed when the test is over."""
    opened: list[WebsocketCommunicator] = []

    async def open_socket(
        path: str, client: Client | None = None, origin: str = "http://localhost"
    ) -> WebsocketCommunicator:
        headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
        if client:
            headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
        socket = WebsocketCommunicator(application, path, headers=headers)
        await socket.connect(timeout=5)
        opened.append(socket)
        return socket

    yield open_socket
    for socket in opened:
        await socket.disconnect()


async def browser(user: User) -> Client:
    client = Client()
    await database_sync_to_async(client.force_login)(user)
    return client


async def closed_with(socket: WebsocketCommunicator) -> int:
    while True:
        message = await socket.receive_output(timeout=5)
        if message["type"] == "websocket.close":
            return int(message["code"])


async def frame_with(socket: WebsocketCommunicator, text: str) -> str:
    while True:
        frame = await socket.receive_from(timeout=5)
        if text in frame:
            return str(frame)


async def test_a_post_reaches_the_open_page_of_a_member(room: Chat, alice: User, bob: User, open_socket: Open) -> None:
    socket = await open_socket(f"/ws/live/chat/{room.pk}/?after=0", await browser(bob))
    await frame_with(socket, "cursor-chat")
    poster = await browser(alice)
    await sync_to_async(poster.post)(f"/chats/{room.pk}/messages/", {"body": "hello bob"})
    assert 'data-seq="1"' in await frame_with(socket, "hello bob")


async def test_one_address_serves_all_that_a_page_follows(
    room: Chat, private: Chat, alice: User, bob: User, open_socket: Open
) -> None:
    for text in ("seen", "missed"):
        await database_sync_to_async(room.post)(alice, text)
    address = f"/ws/live/?user.{bob.pk}=0&chat.0{room.pk}=1&chat.{private.pk}=&nothing.7=1&chat.x=2&chat"
    socket = await open_socket(address, await browser(bob))
    frame = await frame_with(socket, "missed")
    assert [f"cursor-{name}" in frame for name in (f"user-{bob.pk}", f"chat-{room.pk}", f"chat-{private.pk}")] == [
        True
    ] * 3
    assert "seen" not in frame
    await database_sync_to_async(private.post)(alice, "hello bob")
    await frame_with(socket, "hello bob")
    await database_sync_to_async(notify)(bob, "The oven is hot.")
    await frame_with(socket, "The oven is hot.")


async def test_what_an_address_names_is_refused_alone(
    private: Chat, room: Chat, carol: User, open_socket: Open
) -> None:
    names = (private.stream, "chat.999", f"chat.{'9' * 40}", room.stream)
    socket = await open_socket(f"/ws/live/?{'&'.join(f'{name}=0' for name in names)}", await browser(carol))
    heard = ""
    while heard.count("data-over") < 2:
        heard += await frame_with(socket, "")
    assert f"cursor-chat-{room.pk}" in heard
    assert f"cursor-chat-{private.pk}" not in heard


async def test_everyones_own_socket_hears_of_messages_and_notifications(
    private: Chat, alice: User, bob: User, carol: User, open_socket: Open
) -> None:
    bobs = await open_socket(f"/ws/live/user/{bob.pk}/?after=0", await browser(bob))
    carols = await open_socket(f"/ws/live/user/{carol.pk}/?after=0", await browser(carol))
    assert f'data-chat="{private.pk}"' in await frame_with(bobs, "cursor-user")
    assert f'data-chat="{private.pk}"' not in await frame_with(carols, "cursor-user")
    await database_sync_to_async(private.post)(alice, "hello")
    assert 'data-seq="1"' in await frame_with(bobs, f"cursor-members-{private.pk}")
    await database_sync_to_async(notify)(carol, "something of her own")
    frame = await frame_with(carols, "something of her own")
    assert "members" not in frame
    assert await carols.receive_nothing()


async def test_who_is_invited_hears_of_the_chat_at_once_and_who_is_removed_no_more(
    private: Chat, alice: User, carol: User, open_socket: Open
) -> None:
    socket = await open_socket(f"/ws/live/user/{carol.pk}/?after=0", await browser(carol))
    await frame_with(socket, "cursor-user")
    await database_sync_to_async(private.admit)(carol)
    await frame_with(socket, f'data-chat="{private.pk}"')
    group = f"members.{private.pk}"
    await until_group(group, is_there=True)
    await database_sync_to_async(private.post)(alice, "hello")
    await frame_with(socket, f'data-stream="members.{private.pk}" data-seq="1"')
    await database_sync_to_async(private.release)(carol)
    await until_group(group, is_there=False)
    await database_sync_to_async(private.post)(alice, "without her")
    await database_sync_to_async(notify)(carol, "the last word")
    while "the last word" not in (frame := await socket.receive_from(timeout=5)):
        assert f'data-stream="members.{private.pk}" data-seq="2"' not in frame


async def until_group(name: str, is_there: bool) -> None:
    async with asyncio.timeout(5):
        while (name in process.current().relay.groups) != is_there:  # noqa: ASYNC110  # the relay has nobody to tell
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "path", ["/ws/live/chat/{}/?after=0", "/ws/live/user/1/?after=0", "/ws/live/?user.1=0&chat.{}=0", "/ws/live/"]
)
async def test_signed_out_people_are_closed_with_4401(room: Chat, path: str, open_socket: Open) -> None:
    assert await closed_with(await open_socket(path.format(room.pk))) == CloseCode.SIGNED_OUT


async def test_a_cookie_that_can_be_no_sessions_is_as_good_as_none(room: Chat, open_socket: Open) -> None:
    client = Client()
    client.cookies["sessionid"] = r'"\000abcdefgh"'
    assert await closed_with(await open_socket("/ws/live/user/1/?after=0", client)) == CloseCode.SIGNED_OUT


@pytest.mark.parametrize(
    "path",
    [
        *("/ws/live/chat/{}/?after=0", "/ws/live/chat/999/", f"/ws/live/chat/{'9' * 40}/", "/ws/nothing/", "/"),
        *("/ws/live/", "/ws/live/?after=0", "/ws/live/?chat.{}=0", "/ws/live/?chat.{}=0&user.0=0", "/ws/live/?%FF=%00"),
    ],
)
async def test_what_is_not_there_for_one_is_closed_with_4404(
    private: Chat, carol: User, path: str, open_socket: Open
) -> None:
    assert await closed_with(await open_socket(path.format(private.pk), await browser(carol))) == CloseCode.NOT_FOUND


@pytest.mark.parametrize("data", [{"text_data": "{}"}, {"bytes_data": b"\0"}, {"text_data": "not json"}])
async def test_a_socket_that_talks_is_closed_with_4008(
    room: Chat, bob: User, open_socket: Open, data: dict[str, Any]
) -> None:
    socket = await open_socket(f"/ws/live/chat/{room.pk}/?after=0", await browser(bob))
    await socket.send_to(**data)
    assert await closed_with(socket) == CloseCode.UNEXPECTED_DATA


@pytest.mark.parametrize(
    "origin", ["http://localhost:8001", "http://evil.example", "null", "http://[", "ftp://localhost"]
)
async def test_pages_of_other_sites_are_refused(room: Chat, bob: User, open_socket: Open, origin: str) -> None:
    socket = await open_socket(f"/ws/live/chat/{room.pk}/", await browser(bob), origin=origin)
    assert await socket.receive_nothing()
    assert process.current().relay.groups == {}


async def leaves(private: Chat, bob: User, client: Client) -> None:
    await database_sync_to_async(private.release)(bob)


async def is_deactivated(private: Chat, bob: User, client: Client) -> None:
    bob.is_active = False
    await bob.asave()


async def gets_another_password(private: Chat, bob: User, client: Client) -> None:
    bob.set_password("another one")
    await bob.asave()


async def signs_out(private: Chat, bob: User, client: Client) -> None:
    await sync_to_async(client.post)("/accounts/logout/")


async def loses_the_chat(private: Chat, bob: User, client: Client) -> None:
    await database_sync_to_async(private.delete)()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (leaves, CloseCode.NO_LONGER_ALLOWED),
        (loses_the_chat, CloseCode.NO_LONGER_ALLOWED),
        (signs_out, CloseCode.SIGNED_OUT),
        (is_deactivated, CloseCode.SIGNED_OUT),
        (gets_another_password, CloseCode.SIGNED_OUT),
    ],
)
async def test_rights_end_on_open_sockets(
    private: Chat, alice: User, bob: User, open_socket: Open, ending: Callable[..., Awaitable[None]], code: CloseCode
) -> None:
    client = await browser(bob)
    ending_socket = await open_socket(f"/ws/live/chat/{private.pk}/?after=0", client)
    staying = await open_socket(f"/ws/live/user/{alice.pk}/?after=0", await browser(alice))
    await frame_with(ending_socket, "cursor-chat")
    await ending(private, bob, client)
    assert await closed_with(ending_socket) == code
    await database_sync_to_async(notify)(alice, "still here")
    await frame_with(staying, "still here")


async def test_a_session_that_runs_out_is_found_by_the_check(
    private: Chat, bob: User, open_socket: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "RECHECK_SECONDS", 0.05)
    socket = await open_socket(f"/ws/live/chat/{private.pk}/?after=0", await browser(bob))
    await frame_with(socket, "cursor-chat")
    await Session.objects.aupdate(expire_date=timezone.now())
    assert await closed_with(socket) == CloseCode.SIGNED_OUT


async def test_any_code_pushes_to_any_page_of_a_person(bob: User, carol: User, open_socket: Open) -> None:
    socket = await open_socket(f"/ws/live/user/{bob.pk}/?after=0", await browser(bob))
    await frame_with(socket, "cursor-user")
    await database_sync_to_async(push_html)(bob, "order_paid", '<p id="order-7" hx-swap-oob="true">paid</p>')
    assert "paid" in await frame_with(socket, "order-7")
