"""Favourites, and the sections of the list of chats."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.urls import reverse

from messaging.chats import sidebar
from messaging.models import Chat
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Capture) -> Capture:
    """Run what waits for a commit at the end of a block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def sections(user: User) -> dict[str, list[str]]:
    """Return the titles that somebody's page has below each heading, with what is in no section left out."""
    page = BeautifulSoup(signed_in(user).get(reverse("profile")).content, "html.parser")
    found: dict[str, list[str]] = {}
    for item in page.select("#chats > li:not(.chats-empty, [hidden])"):
        if "data-heading" in item.attrs:
            titles = found.setdefault(item.text.strip(), [])
        else:
            titles.append(item.select_one(".chat-title").text)
    return found


def star(user: User, chat: Chat, is_on: str = "1", **headers: str) -> Any:
    return signed_in(user).post(reverse("chat-favourite", args=[chat.pk]), {"is_on": is_on}, headers=headers)


def fold(user: User, section: str, is_folded: str = "1") -> Any:
    return signed_in(user).post(reverse("chats-folding"), {"section": section, "is_folded": is_folded})


def test_favourites_stand_above_rooms_and_these_above_people(room: Chat, private: Chat, alice: User, bob: User) -> None:
    direct = Chat.objects.direct([alice, bob])
    assert star(bob, direct).headers["Location"] == direct.get_absolute_url()
    assert star(bob, private, **{"HX-Request": "true"}).status_code == 204
    assert sections(bob) == {
        "Favourites": ["Alice", private.name],
        "Rooms": [room.name],
        "Direct messages": [],
        "Threads": [],
    }
    assert sections(alice)["Favourites"] == [], "they are bob's own"
    star(bob, direct, "0")
    assert sections(bob)["Direct messages"] == ["Alice"]


def test_favourites_are_in_the_list_however_long_it_is(alice: User) -> None:
    made = [Chat.objects.start(alice, f"Topic {number}", Chat.Kind.PRIVATE) for number in range(sidebar.MOST + 2)]
    star(alice, made[0])
    assert made[0] in [entry.chat for entry in sidebar.entries(alice)]


def test_a_favourite_is_pushed_to_ones_own_lists_alone(
    room: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        star(bob, room)
    (entry,) = assert_pushed(pushes, f"user.{bob.pk}", f"#chat-entry-{room.pk}")
    assert entry["data-section"] == "favourites"
    assert_not_pushed(pushes, f"user.{alice.pk}")
    assert_not_pushed(pushes, room.stream)


def test_only_members_have_a_chat_among_their_favourites(room: Chat, private: Chat, bob: User, carol: User) -> None:
    assert star(carol, room).status_code == star(carol, private).status_code == 404
    private.release(bob)
    assert star(bob, private).status_code == 404
    assert star(bob, room, "2").status_code == 422


def test_folding_is_remembered_and_pushed_to_ones_own_pages(
    room: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        assert fold(bob, "rooms").headers["Location"] == reverse("home")
        fold(bob, "direct")
        fold(bob, "rooms", "0")
    said = assert_pushed(pushes, f"user.{bob.pk}", "#chats-folded")
    assert [(each["data-folded"], each["data-seq"]) for each in said] == [
        ("rooms", "1"),
        ("direct rooms", "2"),
        ("direct", "3"),
    ]
    assert_not_pushed(pushes, f"user.{alice.pk}")
    page = BeautifulSoup(signed_in(bob).get(reverse("profile")).content, "html.parser")
    assert {each.text.strip(): each["aria-expanded"] for each in page.select(".chats-heading button")} == {
        "Favourites": "true",
        "Rooms": "true",
        "Direct messages": "false",
    }


@pytest.mark.parametrize(("section", "is_folded"), [("rooms", "2"), ("threads", "1"), ("", "1")])
def test_what_is_no_section_is_not_folded(bob: User, section: str, is_folded: str) -> None:
    assert fold(bob, section, is_folded).status_code == 422


def test_a_list_that_is_pushed_says_what_is_folded(room: Chat, bob: User) -> None:
    fold(bob, "rooms")
    pushed = BeautifulSoup(sidebar.html(bob.pk), "html.parser")
    (folded,) = pushed.select("#chats-folded")
    assert folded["data-folded"] == "rooms"
    assert not pushed.select("[name=csrfmiddlewaretoken]"), "what is pushed knows no viewer"
