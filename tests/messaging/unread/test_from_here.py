"""Marking messages as unread from one on."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.urls import reverse

from messaging.chats.reading import note_read
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Message
from notifications.push import unread
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]
LABEL = "Mark unread from here"


@pytest.fixture
def said(room: Chat, alice: User, bob: User) -> list[Message]:
    """Five messages of alice's, the second of which names bob, who has read them all."""
    messages = [room.post(alice, text) for text in ("one", "@bob two", "three", "four", "five")]
    note_read(bob, room, 5)
    return messages


def read(room: Chat, user: User) -> int:
    membership = room.membership_of(user)
    assert membership
    return membership.read_number


def press(user: User, message: Message, **headers: str) -> Any:
    return signed_in(user).post(reverse("message-unread", args=[message.pk]), headers=headers)


def test_what_is_marked_and_all_behind_it_is_unread(room: Chat, bob: User, said: list[Message]) -> None:
    assert press(bob, said[2]).headers["Location"] == reverse("home"), "where its number stands"
    assert read(room, bob) == 2
    assert press(bob, said[1], **{"HX-Request": "true"}).status_code == 204
    assert read(room, bob) == 1
    press(bob, said[4])
    assert read(room, bob) == 1, "what was unread before it stays so"


def test_what_a_page_has_shown_before_does_not_count_any_more(room: Chat, bob: User, said: list[Message]) -> None:
    press(bob, said[2])
    client, address = signed_in(bob), reverse("chat-reading", args=[room.pk])
    client.post(address, {"first": 1, "number": 5, "turn": 0})
    assert read(room, bob) == 2
    client.post(address, {"first": 3, "number": 4, "turn": 1})
    assert read(room, bob) == 4


def test_a_page_that_has_missed_that_is_answered_with_it(room: Chat, bob: User, said: list[Message]) -> None:
    press(bob, said[2])
    notify_about(room.post(said[0].author, "@bob six"))
    client, address = signed_in(bob), reverse("chat-reading", args=[room.pk])
    answer = client.post(address, {"first": 1, "number": 6, "turn": 0}, headers={"HX-Request": "true"})
    (mark,) = BeautifulSoup(answer.content, "html.parser").select(f"#chat-entry-{room.pk} #chat-read-{room.pk}")
    assert (mark["data-read"], mark["data-turn"]) == ("2", "1")
    assert unread(bob).exists(), "the bell says what the chat says"
    assert client.post(address, {"first": 1, "number": 6, "turn": 0}).headers["Location"] == room.get_absolute_url()
    answer = client.post(address, {"first": 3, "number": 6, "turn": 1}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content, unread(bob).exists()) == (204, b"", False)


def test_what_was_read_at_the_same_moment_does_not_count(room: Chat, bob: User, said: list[Message]) -> None:
    before = room.membership_of(bob)
    assert before
    press(bob, said[2])
    assert not before.mark_read(5)
    assert read(room, bob) == 2


def test_whoever_writes_has_read_it(room: Chat, bob: User, said: list[Message]) -> None:
    press(bob, said[2])
    room.post(bob, "six")
    assert read(room, bob) == 6


def test_all_lists_of_theirs_follow_and_nobody_elses(
    room: Chat,
    alice: User,
    bob: User,
    said: list[Message],
    pushes: list[Event],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        press(bob, said[1])
    (entry,) = assert_pushed(pushes, f"user.{bob.pk}", f"#chat-entry-{room.pk}")
    (mark,) = entry.select(f"#chat-read-{room.pk}")
    assert (mark["data-read"], mark["data-turn"], entry.select(".unread")[0].text) == ("1", "1", "4 unread")
    assert int(str(mark["data-seq"])) > 5, "or a page would keep what it shows"
    assert entry.select("[data-naming='2']"), "a mention is unread again, too"
    assert_not_pushed(pushes, f"user.{alice.pk}")
    assert_not_pushed(pushes, room.stream)
    with django_capture_on_commit_callbacks(execute=True):
        room.post(bob, "six")
    (after,) = assert_pushed(pushes, f"user.{bob.pk}", f"data#chat-read-{room.pk}[data-read='6']")
    assert int(str(after["data-seq"])) > int(str(mark["data-seq"]))
    assert_not_pushed(pushes, f"user.{alice.pk}")


def test_only_members_are_offered_it_and_can_do_it(
    room: Chat, private: Chat, alice: User, bob: User, carol: User
) -> None:
    message, hidden = room.post(alice, "hello"), private.post(alice, "hello")

    def labels(user: User, message: Message) -> list[str]:
        page = BeautifulSoup(signed_in(user).get(reverse("message-menu", args=[message.pk])).content, "html.parser")
        return [each.text.strip() for each in page.select(".menu-entry")]

    assert LABEL in labels(bob, message)
    assert LABEL not in labels(carol, message)
    assert press(carol, message).status_code == 404
    assert press(carol, hidden).status_code == 404
    private.release(bob)
    assert press(bob, hidden).status_code == 404, "a former member has nothing unread"
