"""Who has read a message, and who is shown that."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging.chats.reading import note_read
from messaging.models import Chat, Membership, Message, Showing
from notifications.testing import Event, assert_not_pushed, assert_pushed, pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Capture) -> Capture:
    """Run what waits for a commit at the end of a block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def page(user: User, address: str) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(address).content, "html.parser")


def label(user: User, message: Message) -> list[str]:
    """Return what the menu of a message says of who has read it."""
    entries = page(user, reverse("message-menu", args=[message.pk])).select("a.menu-entry")
    return [each.text.strip() for each in entries if each.text.strip().startswith("Read by")]


def readers(user: User, message: Message) -> list[str] | int:
    """Return who is listed as having read a message, or the status of the answer."""
    answer = signed_in(user).get(reverse("message-readers", args=[message.pk]))
    found = BeautifulSoup(answer.content, "html.parser").select(".rows strong")
    return [each.text for each in found] if answer.status_code == 200 else answer.status_code


def hide(user: User, **shown: str) -> None:
    """Switch off what is not `shown`."""
    signed_in(user).post(reverse("presence-showing"), {"online": "on", "writing": "on", **shown})


def test_who_has_read_it_is_listed_and_counted(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.admit(carol)
    message = room.post(alice, "hello")
    assert (label(alice, message), readers(alice, message)) == (["Read by 0"], [])
    note_read(bob, room, 1)
    note_read(carol, room, 1)
    assert (label(alice, message), readers(alice, message)) == (["Read by 2"], ["Bob", "Carol"])
    assert readers(bob, message) == ["Carol"], "others than oneself"
    room.post(alice, "and more")
    assert label(alice, message) == ["Read by 2"]


def test_who_came_in_later_has_left_or_was_removed_is_not_listed(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    message = room.post(alice, "hello")
    room.admit(carol)
    assert readers(alice, message) == [], "she has read nothing that was said before she came"
    later = room.post(alice, "hello again")
    for user in (bob, carol):
        note_read(user, room, 2)
    room.ban(carol, alice)
    assert readers(alice, later) == ["Bob"]
    room.release(bob)
    assert readers(alice, later) == []


def test_deactivated_people_are_not_listed(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "hello")
    note_read(bob, room, 1)
    bob.is_active = False
    bob.save()
    assert readers(alice, message) == []


def test_only_members_are_shown_it(room: Chat, private: Chat, alice: User, bob: User, carol: User) -> None:
    message, hidden = room.post(alice, "hello"), private.post(alice, "hello")
    assert (label(carol, message), readers(carol, message), readers(carol, hidden)) == ([], 404, 404)
    private.release(bob)
    assert readers(bob, hidden) == 404
    message.delete_body()
    assert readers(alice, message) == 404


def test_whoever_hides_it_neither_shows_it_nor_is_shown_it(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "hello")
    note_read(bob, room, 1)
    hide(bob)
    assert (readers(alice, message), label(bob, message), readers(bob, message)) == ([], [], 404)
    hide(bob, reading="on")
    assert (readers(alice, message), readers(bob, message)) == (["Bob"], [])


def test_it_is_paged(room: Chat, alice: User) -> None:
    message = room.post(alice, "hello")
    for number in range(52):
        user = User.objects.create_user(f"member{number:02}")
        room.memberships.create(user=user, read_number=1)
    room.memberships.update(joined_at=message.created_at)
    assert label(alice, message) == ["Read by 52"]
    found = readers(alice, message)
    assert isinstance(found, list)
    assert len(found) == 50


def news(pushes: list[Event], user: User) -> list[Any]:
    return [each["data-read"] for each in assert_pushed(pushes, f"user.{user.pk}", "#reading-news")]


def test_the_other_one_of_two_is_told_at_once(
    alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    direct = Chat.objects.direct([alice, bob])
    direct.post(alice, "lunch?")
    with committed():
        note_read(bob, direct, 1)
    assert news(pushes, alice) == ["1"]
    assert_not_pushed(pushes, f"user.{carol.pk}")
    (place,) = page(alice, direct.get_absolute_url()).select("[data-receipt]")
    assert (place["data-read"], "hidden" in place.attrs) == ("1", False)
    assert "hidden" in page(bob, direct.get_absolute_url()).select("[data-receipt]")[0].attrs, "it is not his"
    pushes.clear()
    with committed():
        hide(bob)
    assert news(pushes, alice) == news(pushes, bob) == ["0"]
    assert page(alice, direct.get_absolute_url()).select("[data-receipt]")[0]["data-read"] == "0"
    pushes.clear()
    with committed():
        direct.post(alice, "well?")
        note_read(bob, direct, 2)
    assert_not_pushed(pushes, f"user.{alice.pk}", "#reading-news")


def own(chat: Chat, user: User) -> Membership:
    return Membership.objects.get(chat=chat, user=user)


DEEDS: dict[str, Callable[[Chat, User], Any]] = {
    "reading": lambda chat, user: note_read(user, chat, 2),
    "marking as unread": lambda chat, user: own(chat, user).mark_unread(1),
}
UNTOLD: dict[str, Callable[[Chat, User], Any]] = {
    "muting": lambda chat, user: own(chat, user).set_level(Membership.Level.NOTHING),
    "favouring": lambda chat, user: own(chat, user).set_favourite(is_on=True),
    "marking as unread what is": lambda chat, user: own(chat, user).mark_unread(2),
}


@pytest.fixture
def direct(alice: User, bob: User) -> Chat:
    """Two messages of alice's to bob, who has read the first."""
    chat = Chat.objects.direct([alice, bob])
    for text in ("lunch?", "well?"):
        chat.post(alice, text)
    note_read(bob, chat, 1)
    return chat


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
@pytest.mark.parametrize("hiding", ["alice", "bob"])
def test_when_it_was_done_is_not_told_where_one_of_two_hides_it(
    direct: Chat,
    alice: User,
    bob: User,
    pushes: list[Event],
    committed: Capture,
    deed: Callable[[Chat, User], Any],
    hiding: str,
) -> None:
    hide({"alice": alice, "bob": bob}[hiding])
    with committed():
        deed(direct, bob)
    assert_not_pushed(pushes, f"user.{alice.pk}", "#reading-news")


@pytest.mark.parametrize("deed", UNTOLD.values(), ids=UNTOLD)
def test_what_changes_nothing_of_it_is_not_told(
    direct: Chat,
    alice: User,
    bob: User,
    pushes: list[Event],
    committed: Capture,
    deed: Callable[[Chat, User], Any],
) -> None:
    with committed():
        deed(direct, bob)
    assert_pushed(pushes, f"user.{bob.pk}", f"#chat-entry-{direct.pk}")
    assert_not_pushed(pushes, f"user.{alice.pk}", "#reading-news")


def test_what_is_marked_as_unread_is_told(
    direct: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        own(direct, bob).mark_unread(1)
    assert news(pushes, alice) == ["0"]


def test_who_has_left_is_told_nothing(
    direct: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    direct.memberships.filter(user=alice).delete()
    with committed():
        note_read(bob, direct, 2)
    assert_not_pushed(pushes, f"user.{alice.pk}", "#reading-news")


def test_rooms_and_groups_push_nothing_of_it(
    room: Chat, alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    group = Chat.objects.direct([alice, bob, carol])
    for chat in (room, group):
        chat.post(alice, "hello")
        with committed():
            note_read(bob, chat, 1)
        assert not page(alice, chat.get_absolute_url()).select("[data-receipt]")
    assert_not_pushed(pushes, f"user.{alice.pk}", "#reading-news")


def test_whom_the_other_one_hides_it_from_is_not_told_of_a_switch(
    direct: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    left = Chat.objects.direct([bob, User.objects.create_user("dave")])
    left.memberships.exclude(user=bob).delete()
    hide(alice)
    with committed():
        hide(bob)
        hide(bob, reading="on")
    assert not pushed(pushes, f"user.{alice.pk}", "#reading-news")
    assert not pushed(pushes, f"user.{bob.pk}", "#reading-news")


def test_only_the_switch_of_it_pushes_and_costs_the_same_for_many(
    direct: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        hide(bob, reading="on", online="")
        hide(bob, reading="on", writing="")
    assert_not_pushed(pushes, f"user.{alice.pk}", "#reading-news")
    costs = []
    for number in range(3):
        Chat.objects.direct([bob, User.objects.create_user(f"person{number}")])
        hide(bob)
        pushes.clear()
        with CaptureQueriesContext(connection) as captured, committed():
            hide(bob, reading="on")
        costs.append(len(captured))
    assert costs == costs[:1] * 3
    assert sorted(news(pushes, bob)) == ["0", "0", "0", "2"]
    assert news(pushes, alice) == ["1"]


def test_switches_are_saved_only_so_often(bob: User, settings: Any) -> None:
    settings.LIMITS = {"showing": "1/1h"}
    hide(bob)
    answer = signed_in(bob).post(reverse("presence-showing"), {"reading": "on"})
    assert answer.status_code == 429
    assert Showing.objects.get(user=bob).hides_reading
