"""Server-sent events at a real server: the streams of the sockets for whoever cannot have one."""

import json
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.live.person import Person
from tests.live.stack import Stack
from tests.live.test_programs import issued, said

MANY = 400
"""So many long messages are more than connections, systems and the server keep together for a reader."""


@pytest.fixture(scope="module")
def bobs(stack: Stack) -> str:
    """The secret of a token of bob's that is good for reading."""
    return issued(stack, "bob")


def events(response: httpx.Response) -> Iterator[dict[str, str]]:
    """Yield events by the rules of the standard: fields up to an empty line."""
    event: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(":")
        if line and name:
            event[name] = f"{event[name]}\n{value[1:]}" if name == "data" and "data" in event else value[1:]
        elif not line:
            if "data" in event:
                yield event
            event = {}


def first_with(coming: Iterator[dict[str, str]], text: str) -> list[dict[str, str]]:
    """Return the events up to the first with this text."""
    found = []
    for event in coming:
        found.append(event)
        if text in event["data"]:
            return found
    raise AssertionError(f"it ended without {text}: {found}")


def listen(person: Person, path: str, secret: str = "", **headers: str) -> Any:
    """Ask for events, as a person or by a token."""
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
        return httpx.stream("GET", f"{person.stack.url}{path}", headers=headers, timeout=10, trust_env=False)
    return person.client.stream("GET", path, headers=headers)


def test_a_script_is_told_what_it_missed_and_what_is_said_now(stack: Stack, bobs: str) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")
    path = f"/sse/live/chat/{chat}/"
    with listen(alice, path, bobs) as response:
        coming = events(response)
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
        first = next(coming)
        assert json.loads(first["data"])["type"] == "synced"
    missed = said(alice, chat, "missed")
    with listen(alice, path, bobs, **{"Last-Event-ID": first["id"]}) as response:
        coming = events(response)
        (event,) = first_with(coming, missed)
        message = json.loads(event["data"])
        assert event["id"] == f"chat.{chat}={message['seq']}"
        first_with(coming, said(alice, chat, "live"))


def test_an_id_has_the_places_of_all_streams(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    general, launch = bob.chat("General"), bob.chat("Launch")
    with listen(bob, f"/sse/live/?chat.{general}=&chat.{launch}=") as response:
        coming = events(response)
        found = first_with(coming, said(alice, launch, "in Launch"))
        place = found[-1]["id"]
    assert dict(each.split("=") for each in place.split("&")).keys() == {f"chat.{general}", f"chat.{launch}"}
    missed = said(alice, general, "in General")
    with listen(bob, f"/sse/live/?chat.{general}=&chat.{launch}=", **{"Last-Event-ID": place}) as response:
        coming = events(response)
        assert len(first_with(coming, missed)) == 1


def test_a_page_gets_its_html(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    chat = bob.chat("General")
    with listen(bob, f"/sse/live/?as=html&chat.{chat}=0") as response:
        coming = events(response)
        first_with(coming, "cursor-chat")
        (event,) = first_with(coming, said(alice, chat, "as HTML"))[-1:]
        assert "hx-swap-oob" in event["data"]
        assert event["id"].startswith(f"chat.{chat}=")


@pytest.mark.parametrize(
    ("who", "where", "status"),
    [("bob", "chat/{launch}/", 200), ("carol", "chat/{launch}/", 404), ("carol", "chat/999999/", 404), ("", "", 401)],
)
def test_who_may_not_follow_gets_an_answer_that_says_so(stack: Stack, who: str, where: str, status: int) -> None:
    launch = Person(stack, "bob").chat("Launch")
    person = Person(stack, who) if who else None
    client = person.client if person else stack.client()
    with client.stream("GET", "/sse/live/" + (where or "chat/{launch}/").format(launch=launch)) as response:
        assert response.status_code == status


def test_only_this_sites_pages_read_by_their_session(stack: Stack) -> None:
    bob = Person(stack, "bob")
    path = f"/sse/live/chat/{bob.chat('General')}/"
    assert bob.get(path, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert bob.get("/sse/nowhere/").status_code == 404
    assert bob.client.head(path).status_code == 405


def test_who_leaves_a_chat_hears_why_it_ends(stack: Stack) -> None:
    alice, carol = Person(stack, "alice"), Person(stack, "carol")
    chat = alice.chat("General")
    with listen(carol, f"/sse/live/chat/{chat}/") as response:
        found = events(response)
        next(found)
        carol.post("/accounts/logout/")
        last = list(found)[-1]
    assert (last["event"], json.loads(last["data"])) == ("close", {"code": 4401})


def test_a_reader_that_has_stopped_is_let_go(stack: Stack, bobs: str) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")
    where = urlsplit(stack.url)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((where.hostname, where.port))
        head = f"GET /sse/live/chat/{chat}/ HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {bobs}\r\n\r\n"
        reader.sendall(head.encode())
        reader.recv(100)
        for _ in range(MANY):
            said(alice, chat, "x" * 9_000)
        with listen(alice, f"/sse/live/chat/{chat}/", bobs) as other:
            # What was said before has been sent on, or not, by then.
            coming = events(other)
            next(coming)
            first_with(coming, said(alice, chat, "the end"))
        reader.settimeout(15)
        taken = 0
        with suppress(ConnectionResetError):
            while data := reader.recv(65_536):
                taken += len(data)
        assert taken < MANY * 9_000, "it has not been kept for it"


def test_curl_reads_line_by_line(stack: Stack, bobs: str) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")
    command = ["curl", "-sN", "-H", f"Authorization: Bearer {bobs}", f"{stack.url}/sse/live/chat/{chat}/"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout
        assert any("synced" in line for line in iter(curl.stdout.readline, ""))
        body = said(alice, chat, f"for curl {uuid.uuid4()}")
        assert any(body in line for line in iter(curl.stdout.readline, ""))
        curl.terminate()
