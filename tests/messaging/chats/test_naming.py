"""What somebody has not read and that names them: counted beside each chat, with no write for anybody."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging.chats import sidebar
from messaging.chats.streams import MembersStream
from messaging.models import Chat, Membership
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Capture) -> Capture:
    """Run what waits for a commit at the end of a block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def soup(html: str | bytes) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def naming(user: User, chat: Chat) -> tuple[int, ...]:
    """Return the numbers of what somebody's list says that names them in a chat."""
    (entry,) = [entry for entry in sidebar.entries(user) if entry.chat == chat]
    return entry.naming


def test_unread_mentions_are_counted_for_those_whom_they_name(room: Chat, alice: User, bob: User) -> None:
    for text in ("hello", "@bob look", "@all come", "@alice I", "`@bob`"):
        room.post(alice, text)
    assert naming(bob, room) == (3, 2)
    assert naming(alice, room) == (), "she has read what she says"
    membership = room.membership_of(bob)
    assert membership
    membership.mark_read(2)
    assert naming(bob, room) == (3,)


def test_ones_own_words_to_all_name_others(room: Chat, alice: User, bob: User) -> None:
    room.post(alice, "@all come")
    Membership.objects.filter(chat=room).update(read_number=0)
    assert naming(alice, room) == ()
    assert naming(bob, room) == (1,)


def test_an_edit_and_a_deletion_are_followed(room: Chat, alice: User, bob: User) -> None:
    first, second = room.post(alice, "@bob one"), room.post(alice, "two")
    first.delete_body()
    assert naming(bob, room) == ()
    second.edit("two, @bob")
    assert naming(bob, room) == (2,)
    second.edit("two")
    assert naming(bob, room) == ()


def test_a_muted_chat_names_nobody_and_is_said_to_be_muted(room: Chat, alice: User, bob: User) -> None:
    room.post(alice, "@bob look")
    membership = room.membership_of(bob)
    assert membership
    membership.set_level(Membership.Level.NOTHING)
    assert naming(bob, room) == ()
    link = soup(signed_in(bob).get(reverse("profile")).content).select_one(f".chat-link[data-chat='{room.pk}']")
    assert link
    assert "is-muted" in link["class"]
    assert "muted" in link.text


def test_muting_is_pushed_to_ones_own_lists_alone(
    room: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        signed_in(bob).post(reverse("chat-level", args=[room.pk]), {"level": "nothing"})
    (entry,) = assert_pushed(pushes, f"user.{bob.pk}", f"#chat-entry-{room.pk}")
    assert entry.select(".is-muted")
    assert_not_pushed(pushes, f"user.{alice.pk}")
    with committed():
        signed_in(bob).post(reverse("chat-level", args=[room.pk]), {"level": "all"})
    newer = assert_pushed(pushes, f"user.{bob.pk}", f"#chat-entry-{room.pk}")[-1]
    assert not newer.select(".is-muted")
    assert int(str(newer["data-seq"])) > int(str(entry["data-seq"])), "or pages would keep what they show"


def news(pushes: list[Event], chat: Chat) -> list[Any]:
    """Return what the lists of a chat's members were told of whom its messages name."""
    return [each["data-named"] for each in assert_pushed(pushes, f"members.{chat.pk}", "#naming-news")]


def test_lists_are_told_whom_a_message_names(
    room: Chat, private: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        room.post(alice, "hello")
    assert_not_pushed(pushes, f"members.{room.pk}", "#naming-news")
    with committed():
        message = room.post(alice, "@bob look")
    assert news(pushes, room) == [f"2:{alice.pk}:{bob.pk}"]
    with committed():
        message.edit("@all look")
    assert news(pushes, room) == [f"2:{alice.pk}:{people}" for people in (bob.pk, "")], "no edit rings all"
    assert_not_pushed(pushes, f"members.{private.pk}", "#naming-news")


def test_lists_that_were_away_are_told_whom_what_they_missed_names(room: Chat, alice: User, bob: User) -> None:
    for text in ("@bob one", "two", "@bob three", "@all four"):
        room.post(alice, text)
    seq, html = MembersStream().changes(room.pk, 1)
    (found,) = soup(html).select("#naming-news")
    assert (seq, found["data-named"]) == (4, f"4:{alice.pk}:all 3:{alice.pk}:{bob.pk}")
    assert MembersStream().changes(room.pk, 4).html == ""


def test_a_message_that_names_all_writes_no_more_than_one_that_names_nobody(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    def writes(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            room.post(alice, text)
        return sum(each["sql"].lstrip().startswith(("INSERT", "UPDATE", "DELETE")) for each in captured)

    room.admit(carol)
    assert writes("hello") == writes("@all hello") == writes("hello")


def test_the_list_asks_no_more_for_more_chats_with_mentions(alice: User, bob: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            sidebar.entries(bob)
        return len(captured)

    counts = []
    for number in range(4):
        chat = Chat.objects.start(alice, f"Topic {number}", Chat.Kind.PRIVATE)
        chat.admit(bob)
        chat.post(alice, "@bob look")
        counts.append(queries())
    assert counts == counts[:1] * 4
