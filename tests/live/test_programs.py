"""Programs at a real server: JSON by a session or a token, refusals in the handshake, and every origin."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from websockets import Origin, Subprotocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.live.person import Person
from tests.live.stack import Stack

ISSUE = """
from django.contrib.auth.models import User
from notifications.api.models import Token
print("SECRET", Token.objects.issue(User.objects.get(username="{name}"), "a test", ["{scope}"])[1])
"""
JSON = Subprotocol("bellwire.json")


def issued(stack: Stack, name: str, scope: str = "read") -> str:
    """Return the secret of a new token."""
    command = [sys.executable, "manage.py", "shell", "-c", ISSUE.format(name=name, scope=scope)]
    done = subprocess.run(command, cwd=stack.code, env=stack.env, capture_output=True, text=True, check=True)
    return done.stdout.partition("SECRET")[2].split()[0]


@pytest.fixture(scope="module")
def bobs(stack: Stack) -> str:
    """The secret of a token of bob's that is good for reading."""
    return issued(stack, "bob")


def said(person: Person, chat: int, body: str) -> str:
    """Post something that nothing else says; return it."""
    body = f"{body} {uuid.uuid4()}"
    assert person.post(f"/chats/{chat}/messages/", {"body": body, "client_id": str(uuid.uuid4())}).status_code == 303
    return body


@contextmanager
def listening(
    stack: Stack, path: str, secret: str = "", origin: str | None = None, **headers: str
) -> Iterator[ClientConnection]:
    """Listen as a program does."""
    headers |= {"Authorization": f"Bearer {secret}"} if secret else {}
    address = f"{stack.ws_url}{path}"
    found = Origin(origin) if origin else None
    with connect(address, origin=found, subprotocols=[JSON], additional_headers=headers, proxy=None) as connection:
        yield connection


def told(connection: ClientConnection, text: str) -> list[dict[str, Any]]:
    """Return what is told up to a message with this text."""
    found: list[dict[str, Any]] = []
    while not found or found[-1].get("text") != text:
        found.append(json.loads(connection.recv(timeout=10)))
    return found


def test_a_program_is_told_what_it_missed_and_what_is_said_now(stack: Stack, bobs: str) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")
    with listening(stack, f"/ws/live/chat/{chat}/", bobs) as program:
        assert program.subprotocol == JSON
        place = json.loads(program.recv(timeout=10))["seq"]
    missed = said(alice, chat, "missed")
    with listening(stack, f"/ws/live/?chat.{chat}={place}", bobs) as program:
        (first,) = told(program, missed)
        assert (first["stream"], first["seq"], first["type"]) == (f"chat.{chat}", place + 1, "message")
        live = said(alice, chat, "live")
        assert [each["type"] for each in told(program, live)] == ["synced", "message"]


def test_a_page_asks_for_json_with_its_session(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    chat = bob.chat("Launch")
    cookies = "; ".join(f"{name}={value}" for name, value in bob.client.cookies.items())
    with listening(stack, f"/ws/live/chat/{chat}/", origin=stack.url, Cookie=cookies) as program:
        assert program.subprotocol == JSON
        assert json.loads(program.recv(timeout=10))["type"] == "synced"
        told(program, said(alice, chat, "in JSON"))
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as page:
        assert page.connection.subprotocol is None, "answered only where it was asked for"
        page.frames_until("cursor-chat")


def test_a_browser_of_another_site_gives_its_token_as_a_subprotocol(stack: Stack, bobs: str) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")
    address = f"{stack.ws_url}/ws/live/chat/{chat}/"
    for origin in ("https://elsewhere.example", "capacitor://localhost", "null"):
        asked = [JSON, Subprotocol(f"bearer.{bobs}")]
        with connect(address, origin=Origin(origin), subprotocols=asked, proxy=None) as program:
            assert program.subprotocol == JSON, "the secret is not said back"
            told(program, said(alice, chat, "from anywhere"))


def test_with_a_token_the_session_counts_for_nothing(stack: Stack, bobs: str) -> None:
    carol, alice = Person(stack, "carol"), Person(stack, "alice")
    cookies = "; ".join(f"{name}={value}" for name, value in alice.client.cookies.items())
    with pytest.raises(InvalidStatus), listening(stack, carol.own_stream, bobs, Cookie=cookies):
        pass
    with pytest.raises(InvalidStatus), listening(stack, alice.own_stream, "bw_nobody", Cookie=cookies):
        pass
    with (
        pytest.raises(InvalidStatus),
        listening(stack, alice.own_stream, origin="https://elsewhere.example", Cookie=cookies),
    ):
        pass


def test_what_a_token_may_not_is_refused_in_the_handshake(stack: Stack, bobs: str) -> None:
    carol, bob = Person(stack, "carol"), Person(stack, "bob")
    launch = bob.chat("Launch")
    carols, writes = issued(stack, "carol"), issued(stack, "carol", "write")
    refused = []
    for path, secret in (
        (f"/ws/live/chat/{launch}/", "bw_nobody"),
        (carol.own_stream, writes),
        (f"/ws/live/chat/{launch}/", carols),
        ("/ws/nowhere/", carols),
    ):
        with pytest.raises(InvalidStatus) as error, listening(stack, path, secret):
            pass
        refused.append(error.value.response.status_code)
    # Daphne knows no other answer to a handshake.
    says_why = stack.env["SERVER"] == "uvicorn"
    assert refused == ([401, 403, 404, 404] if says_why else [403] * 4)
    if says_why:
        body = json.loads(error.value.response.body or b"")
        assert (body["status"], body["detail"]) == (404, "No such stream for this person.")


def test_a_dead_session_hears_why_and_is_held_back_when_it_comes_again_and_again(stack: Stack) -> None:
    codes: list[int | None] = []
    cookie = f"sessionid={uuid.uuid4().hex}"
    for _ in range(5):
        with listening(stack, "/ws/live/chat/1/", origin=stack.url, Cookie=cookie) as program:
            with pytest.raises((TimeoutError, ConnectionClosed)):
                program.recv(timeout=0.7)
            codes.append(program.close_code)
    assert codes == [4401, 4401, 4401, None, None]


def test_who_talks_is_closed(stack: Stack, bobs: str) -> None:
    bob = Person(stack, "bob")
    with listening(stack, bob.own_stream, bobs) as program:
        program.recv(timeout=10)
        program.send("hello")
        with suppress(ConnectionClosed):
            while True:
                program.recv(timeout=10)
        assert program.close_code == 4008
