"""Webhooks with every part real: pages, queue, worker, a program that hears, and a worker that is killed."""

import os
import re
import signal
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.live.person import Person
from tests.live.stack import UNLIMITED, Stack, until
from tests.notifications.webhooks.receiver import Receiver, Request, running, status


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Bellwire of a closed network."""
    settings = {"LIMITS": UNLIMITED, "WEBHOOKS_ALLOW_PRIVATE": "on"}
    with Stack(code, tmp_path_factory.mktemp("state") / "webhooks", **settings) as running_site:
        yield running_site


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as receiver:
        yield receiver


def hooked(site: Stack, receiver: Receiver) -> tuple[Person, int, str]:
    """Have alice make a webhook of a room; return her, the room, and the webhook's secret."""
    alice = Person(site, "alice")
    room = alice.chat("General")
    form = {"url": f"{receiver.url}/in", "events": "message.created"}
    made = alice.post(f"/notifications/webhooks/of/chat.{room}/", form)
    assert made.status_code == 303
    secret = re.search(r"whsec_[\w+/=]+", alice.get(made.headers["Location"]).text)
    assert secret
    return alice, room, secret[0]


def said(person: Person, room: int, text: str) -> str:
    """Say something that nobody has said before."""
    body = f"{text} {uuid.uuid4()}"
    form = {"body": body, "client_id": str(uuid.uuid4())}
    assert person.post(f"/chats/{room}/messages/", form).status_code == 303
    return body


def about(receiver: Receiver, body: str) -> list[Request]:
    return [request for request in list(receiver.received) if body.encode() in request.body]


def test_what_bob_says_is_heard_also_if_the_worker_was_away(site: Stack, receiver: Receiver) -> None:
    _, room, secret = hooked(site, receiver)
    bob = Person(site, "bob")
    body = said(bob, room, "lunch?")
    until(lambda: about(receiver, body))
    assert about(receiver, body)[0].verified(secret)["data"]["text"] == body
    with site.worker_away():
        body = said(bob, room, "and coffee?")
    until(lambda: about(receiver, body))


def test_what_a_killed_worker_was_sending_comes_again_under_its_id(site: Stack, receiver: Receiver) -> None:
    alice, room, secret = hooked(site, receiver)
    hang = receiver.answers["/hang"]
    receiver.answers["/in"] = hang
    bodies = [said(alice, room, "before") for _ in range(3)]
    until(lambda: all(about(receiver, body) for body in bodies))
    worker = site.children()["worker"]
    os.kill(worker, signal.SIGKILL)
    receiver.answers["/in"] = status(204)
    until(lambda: site.children().get("worker", worker) != worker, timeout=60)
    bodies.append(said(alice, room, "after"))
    until(lambda: about(receiver, bodies[-1]), timeout=60)
    # What the dead one had claimed is left alone for a minute: let that be over.
    with closing(sqlite3.connect(site.state_dir / "bellwire.sqlite3", timeout=20)) as database, database:
        database.execute("UPDATE notifications_webhookdelivery SET due_at = created_at WHERE due_at IS NOT NULL")
    until(lambda: all(len(about(receiver, body)) == 2 for body in bodies[:3]))
    for body in bodies[:3]:
        first, second = about(receiver, body)
        assert first.key == second.key
        assert second.verified(secret)["data"]["text"] == body
    assert len(about(receiver, bodies[-1])) == 1
