"""Whom a message rings by their name, and that it shows so."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import tasks
from messaging.chats.mentions import MOST_MENTIONED
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership, Message
from notifications.models import Notification, Occurrence
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(alice: User, bob: User, carol: User) -> None:
    """Others, whose names begin like those of the three, or are in other scripts."""
    for name in (
        "bob.smith",
        "carolyn",
        "ann",
        "ann-lee",
        "eve@example.org",
        "rené",
        "rene",
        "张三",
        "ivan_p",
        "иван",
        "نامه\u200cها",
    ):
        User.objects.create_user(name)


def rung(message: Message) -> set[str]:
    """Return whose bells ring for a message."""
    notify_about(message)
    told = Occurrence.objects.filter(key=message.key).values("inbox")
    return set(User.objects.filter(pk__in=told).values_list("username", flat=True))


def marked(message: Message) -> list[str]:
    """Return the names that are set off in it."""
    return [mark.text for mark in BeautifulSoup(message.html, "html.parser").find_all("mark")]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Hi @bob, ask @carol.", "bob carol"),
        ("请@carol看一下", "carol"),
        ("@carol看一下", "carol"),
        ("@carolさん", "carol"),
        ("@carol에게", "carol"),
        ("안녕@carol", "carol"),
        ("مرحبا@carol", "carol"),
        ("@carolوالباقون", "carol"),
        ("ถาม@carolหน่อย", "carol"),
        ("＠carol、見て", "carol"),
        ("@张三看一下", "张三"),
        ("@иван, привет", "иван"),
        ("@ИВАН", "иван"),
        ("@نامه\u200cها سلام", "نامه\u200cها"),
        ("@иванушка", ""),
        ("@bob/@carol", "bob carol"),
        ("@bob+@carol", "bob carol"),
        (".@bob", "bob"),
        ("_@carol_", "carol"),
        ("**@carol** ~~@bob~~", "bob carol"),
        ("(@carol)/[@bob] “@ann”", "bob carol ann"),
        ("👋@carol👋", "carol"),
        ("@carol's, @bob: @ann!", "bob carol ann"),
        ("- @bob\n- @carol", "bob carol"),
        ("[@carol](https://example.org)", "carol"),
        ("@CAROL", "carol"),
        ("@rene\u0301", "rené"),
        ("@RENÉ", "rené"),
        ("@rene", "rene"),
        ("@bob.smith", "bob.smith"),
        ("@bob. Smith", "bob"),
        ("@bob.miller", "bob"),
        ("@ann-lee, @ann-", "ann-lee ann"),
        ("@ivan_p", "ivan_p"),
        ("@eve@example.org", "eve@example.org"),
        ("@eve@example.org.", "eve@example.org"),
        ("@carolyn", "carolyn"),
        ("@caroline @carol2 @carol_ann @carolé", ""),
        ("@ann@elsewhere.example", ""),
        ("ann@example.org me@carol.example a1@bob", ""),
        ("https://example.org/@carol", ""),
        ("<https://example.org/@carol>", ""),
        ("`@carol`", ""),
        ("```\n@carol\ndef f(): ...\n```", ""),
        ("``` @carol\n```", ""),
        ("> @carol said", ""),
        ("- > @carol said\n- @bob", "bob"),
        ("> @carol said\n@bob", "bob"),
        ("\\@carol", ""),
        ("C:\\share\\@carol @bob", "bob"),
        ("@nobody @ @@", ""),
    ],
)
def test_a_mention_rings_whom_it_names_and_shows_so(people: None, room: Chat, written: str, names: str) -> None:
    alice = User.objects.create_user("dora")
    message = room.post(alice, f"{written} so")
    assert rung(message) == set(names.split())
    assert len(marked(message)) == len(names.split())


def test_only_what_names_somebody_is_set_off(room: Chat, alice: User, bob: User, carol: User) -> None:
    message = room.post(alice, "<mark>@carol</mark> @Bob, @alice, @nobody")
    assert marked(message) == ["@carol", "@Bob"]
    assert "&lt;mark&gt;" in message.html


def test_an_outsider_of_a_private_room_is_neither_rung_nor_set_off(
    private: Chat, alice: User, bob: User, carol: User
) -> None:
    User.objects.create_user("bob.smith")
    message = private.post(alice, "@carol @bob @bob.smith")
    assert rung(message) == {"bob"}
    assert marked(message) == ["@bob"]


def test_who_is_deactivated_or_kept_out_is_neither_rung_nor_set_off(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)
    room.ban(bob, by=alice)
    message = room.post(alice, "@carol @bob")
    assert (rung(message), marked(message)) == (set(), [])


def test_who_was_removed_before_the_worker_came_is_not_rung(private: Chat, alice: User, bob: User) -> None:
    message = private.post(alice, "@bob")
    private.ban(bob, by=alice)
    assert rung(message) == set()


def test_everybody_is_shown_the_same_mention(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.post(alice, "look, @bob")
    for reader in (alice, bob, carol):
        page = BeautifulSoup(signed_in(reader).get(room.get_absolute_url()).content, "html.parser")
        assert [mark.text for mark in page.select(".message-body mark")] == ["@bob"]


def test_an_edit_rings_those_alone_whom_it_names_anew(room: Chat, alice: User, bob: User, carol: User) -> None:
    message = room.post(alice, "@bob and @caro")
    assert rung(message) == {"bob"}
    carol_was_there = room.admit(carol)
    carol_was_there.mark_read(message.number)
    message.edit("@bob and @carol")
    assert message.notified_at is None
    assert rung(Message.objects.get(pk=message.pk)) == {"bob", "carol"}
    assert marked(message) == ["@bob", "@carol"]
    message.edit("@bob and @carol, please")
    notify_about(message)
    counts = Notification.objects.values_list("inbox", "kind", "count", "text")
    assert set(counts) == {
        (user.pk, "mention", 1, "Alice in General: @bob and @carol, please") for user in (bob, carol)
    }


def test_an_edit_has_the_worker_tell_whom_it_names(
    room: Chat, alice: User, bob: User, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[tuple[object, ...]] = []
    monkeypatch.setattr("messaging.receivers.enqueue", lambda *task: queued.append(task))
    message = room.post(alice, "hello")
    notify_about(message)
    message.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        message.edit("hello!")
    assert queued == []
    with django_capture_on_commit_callbacks(execute=True):
        message.edit("hello, @bob")
    assert queued == [("messaging.tasks.notify_members", message.pk)]


def test_whom_an_edit_names_is_told_although_the_queue_did_not_take_it(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SWEEP_AFTER", timedelta(0))
    message = room.post(alice, "hello")
    notify_about(message)
    Message.objects.get(pk=message.pk).edit("hello, @bob")
    tasks.sweep_unnotified()
    assert list(Notification.objects.values_list("inbox", "text")) == [(bob.pk, "Alice in General: hello, @bob")]


def test_what_an_edit_adds_while_others_are_told_is_told_as_well(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "hello")
    Message.objects.get(pk=message.pk).edit("hello, @bob")
    notify_about(message)
    assert Message.objects.get(pk=message.pk).notified_at is None


def test_an_edit_does_not_ring_who_wants_nothing_of_the_chat(room: Chat, alice: User, bob: User) -> None:
    room.admit(bob).set_level(Membership.Level.NOTHING)
    message = room.post(alice, "hello")
    message.edit("hello, @bob")
    assert rung(message) == set()


def test_a_deleted_message_names_nobody(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "@bob")
    message.delete_body()
    assert Message.objects.get(pk=message.pk).named == {}
    assert rung(message) == set()


def queries(chat: Chat, author: User, body: str) -> int:
    """Return how many queries a post takes."""
    with CaptureQueriesContext(connection) as captured:
        chat.post(author, body)
    return len(captured)


def test_names_cost_one_query_however_many_there_are(room: Chat, alice: User, bob: User) -> None:
    room.post(alice, "first")
    without = queries(room, alice, "no names, `@code` or me@example.org")
    assert queries(room, alice, "@bob") == without + 1
    crowd = " ".join(f"@person{number}.{'x.' * 60}" for number in range(3 * MOST_MENTIONED))
    assert queries(room, alice, f"{crowd[:9_000]} {'@张三看一下' * 100}") == without + 1
