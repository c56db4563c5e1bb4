"""S8 to S15: what an attacker tries with WebSockets, over the wire of both web servers."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup
from websockets import Origin, Subprotocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.live.person import Person
from tests.live.stack import Stack
from tests.security.wire import HANDSHAKE, Wire, head

pytestmark = pytest.mark.live
SIGNED_OUT, NO_LONGER_ALLOWED, NOT_FOUND, TALKED, TOO_LARGE, DROPPED = 4401, 4403, 4404, 4008, 1009, 1006
NOBODY = ["", "nobody", "'; --", "0" * 32, "x" * 4_000, "AAAA.BBBB.CCCC", "../../etc/passwd", "%00", "a=b; sessionid="]
"""What is in place of a session's id."""
PLACES = ["-1", "999999999999999999999999", "9" * 300, "0x10", "1e3", "%00", "NaN", "'%20or%201=1", "٣", ""]
"""What an attacker says that the page has seen."""


class Closed(NamedTuple):
    """How a connection ended, and what it had been sent before."""

    code: int
    frames: list[str]


def until_closed(connection: ClientConnection) -> Closed:
    frames = []
    try:
        while True:
            frames.append(str(connection.recv(timeout=10)))
    except ConnectionClosed as closed:
        return Closed(closed.rcvd.code if closed.rcvd else 1006, frames)


@pytest.fixture(scope="module")
def alice(stack: Stack) -> Person:
    return Person(stack, "alice")


@pytest.fixture(scope="module")
def carol(stack: Stack) -> Person:
    """An outsider."""
    return Person(stack, "carol")


@pytest.fixture(scope="module")
def room(alice: Person) -> Iterator[int]:
    """A private room of alice's, in which something has been said."""
    chat = make_room(alice)
    yield chat
    alice.post(f"/chats/{chat}/leaving/")


def make_room(owner: Person) -> int:
    name = f"Room {uuid.uuid4()}"
    owner.post("/chats/new/", {"name": name, "kind": "private"})
    chat = owner.chat(name)
    say(owner, chat, "for members only")
    return chat


def say(author: Person, chat: int, body: str) -> None:
    answer = author.post(f"/chats/{chat}/messages/", {"body": body, "client_id": str(uuid.uuid4())})
    assert answer.status_code == 303


def addresses(chat: int) -> list[str]:
    return [f"/ws/live/chat/{chat}/?after=0", "/ws/live/user/1/?after=0"]


@pytest.mark.parametrize("session", NOBODY)
def test_who_is_not_signed_in_is_told_so_and_nothing_else(stack: Stack, room: int, session: str) -> None:
    for path in addresses(room):
        with stack.connect(path, Cookie=f"sessionid={session}") as connection:
            assert until_closed(connection) == Closed(SIGNED_OUT, [])


def test_what_is_hidden_and_what_does_not_exist_end_alike(carol: Person, room: int) -> None:
    ends = []
    with ExitStack() as opened:
        for path in (*addresses(room), *addresses(999_999), "/ws/live/nothing/1/", "/ws/nothing/", "/ws/live/user/0/"):
            connection = opened.enter_context(carol.socket(path)).connection
            ends.append((path, until_closed(connection)))
    assert ends == [(path, Closed(NOT_FOUND, [])) for path, _ in ends]


@pytest.mark.parametrize("after", PLACES)
def test_a_place_that_was_made_up_brings_what_one_may_read_and_no_more(
    alice: Person, carol: Person, room: int, after: str
) -> None:
    with alice.socket(f"/ws/live/chat/{room}/?after={after}") as socket:
        assert "for members only" in "".join(socket.frames_until(f"cursor-chat-{room}"))
    with carol.socket(f"/ws/live/chat/{room}/?after={after}") as refused:
        assert until_closed(refused.connection) == Closed(NOT_FOUND, [])


def test_a_session_is_taken_from_the_cookie_alone(stack: Stack, alice: Person, room: int) -> None:
    session = next(value for name, value in alice.client.cookies.items() if name.endswith("sessionid"))
    path = f"/ws/live/chat/{room}/?after=0"
    with pytest.raises(InvalidStatus, match=r"40[13]"):
        stack.connect(path, Authorization=f"Bearer {session}")
    headers = {"Authorization": f"Basic {session}", "X-Session-Id": session, "X-Forwarded-User": "alice"}
    with stack.connect(f"{path}&sessionid={session}&session_key={session}", **headers) as connection:
        assert until_closed(connection) == Closed(SIGNED_OUT, [])
    offered = [Subprotocol(session)]
    with connect(f"{stack.ws_url}{path}", origin=Origin(stack.url), subprotocols=offered, proxy=None) as connection:
        assert connection.subprotocol is None
        assert until_closed(connection) == Closed(SIGNED_OUT, [])


def signs_out(alice: Person, bob: Person, chat: int) -> None:
    assert bob.post("/accounts/logout/").status_code == 302


def is_removed(alice: Person, bob: Person, chat: int) -> None:
    page = BeautifulSoup(alice.get(f"/chats/{chat}/members/").text, "html.parser")
    (form,) = page.select("form[action*='/removal/']")
    assert alice.post(str(form["action"])).status_code == 303


def loses_the_room(alice: Person, bob: Person, chat: int) -> None:
    for member in (bob, alice):
        assert member.post(f"/chats/{chat}/leaving/").status_code == 303


@pytest.mark.parametrize(
    ("end", "reason"), [(signs_out, SIGNED_OUT), (is_removed, NO_LONGER_ALLOWED), (loses_the_room, NO_LONGER_ALLOWED)]
)
def test_an_open_socket_ends_with_the_right_to_it(
    stack: Stack, alice: Person, end: Callable[[Person, Person, int], None], reason: int
) -> None:
    bob, room = Person(stack, "bob"), make_room(alice)
    assert alice.post(f"/chats/{room}/members/", {"people": "bob"}).status_code == 303
    with bob.socket(f"/ws/live/chat/{room}/?after=0") as bobs, alice.socket(alice.own_stream) as alices:
        bobs.frames_until(f"cursor-chat-{room}")
        alices.frames_until("cursor-user")
        end(alice, bob, room)
        assert until_closed(bobs.connection).code == reason
        alices.connection.ping().wait(5)


@pytest.mark.parametrize("said", ["{}", "x" * 4_000, b"\0", ""])
def test_whoever_talks_is_not_listened_to(alice: Person, room: int, said: str | bytes) -> None:
    with alice.socket(f"/ws/live/chat/{room}/?after=0") as socket:
        socket.frames_until(f"cursor-chat-{room}")
        socket.connection.send(said)
        closed = until_closed(socket.connection)
        assert closed.code == TALKED
        # Every now and then each page is told how far it is, and no more.
        assert all(frame.startswith(f'<data id="cursor-chat-{room}"') for frame in closed.frames)


def test_a_frame_that_is_larger_than_any_page_sends_is_not_kept(stack: Stack, alice: Person, room: int) -> None:
    """In one piece, in many, and only announced; uvicorn says so, Daphne drops the connection."""
    for said in ("x" * 4_097, b"x" * 1_000_000, ["xxxxx"] * 1_000):
        with alice.socket(f"/ws/live/chat/{room}/?after=0") as socket:
            socket.frames_until(f"cursor-chat-{room}")
            with suppress(ConnectionClosed):
                socket.connection.send(said)
            assert until_closed(socket.connection).code in {TOO_LARGE, DROPPED}
    for opcode in (0x81, 0x82):
        with Wire(stack) as wire:
            wire.say(head(f"GET /ws/live/chat/{room}/".encode(), *HANDSHAKE.splitlines()))
            assert wire.answer()[0] == 101
            wire.say(bytes([opcode, 0x80 | 127]) + (2**62).to_bytes(8) + bytes(4) + b"x" * 5_000)
            assert b"for members only" not in wire.heard()
