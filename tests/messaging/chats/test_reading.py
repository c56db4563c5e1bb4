"""How far people have read: what was on their screens."""

import pytest
from django.contrib.auth.models import User

from messaging.messages.recipients import notify_about
from messaging.models import Chat
from notifications.push import notify, unread
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def fill(room: Chat, alice: User, *bodies: str) -> None:
    """Have alice say this, and bob's bell tell him what is for him."""
    for body in bodies:
        notify_about(room.post(alice, body))


def read(room: Chat, user: User, **shown: int) -> int:
    """Tell as somebody's page what was on its screen; return how far they have read by then."""
    headers = {"HX-Request": "true"}
    answer = signed_in(user).post(f"{room.get_absolute_url()}reading/", shown, headers=headers)
    assert answer.status_code == 204
    membership = room.membership_of(user)
    return membership.read_number if membership else -1


@pytest.mark.parametrize(
    ("shown", "is_read"),
    [
        ({"number": 4}, 4),
        ({"first": 1, "number": 4}, 4),
        ({"first": 2, "number": 2}, 2),
        ({"first": 3, "number": 9}, 9),
        ({"first": 4, "number": 9}, 2),
        ({"first": 9, "number": 9}, 2),
        ({"first": 1, "number": 1}, 2),
        ({"first": 3, "number": 99}, 10),
    ],
)
def test_nothing_is_read_that_something_unseen_lies_before(
    room: Chat, alice: User, bob: User, shown: dict[str, int], is_read: int
) -> None:
    fill(room, alice, *["hello"] * 10)
    room.membership_of(bob).mark_read(2)
    assert read(room, bob, **shown) == is_read


def test_the_bell_is_read_with_the_message_that_it_leads_to(room: Chat, alice: User, bob: User) -> None:
    fill(room, alice, "one", "@bob two", "three", "four")
    assert unread(bob).get().url.startswith(f"{room.get_absolute_url()}?at=2#")
    for first, number in ((1, 1), (3, 4)):
        read(room, bob, first=first, number=number)
        assert unread(bob).exists()
    read(room, bob, first=2, number=3)
    assert not unread(bob).exists()


def test_a_row_of_several_mentions_is_read_with_the_newest_that_it_shows(room: Chat, alice: User, bob: User) -> None:
    fill(room, alice, "@bob one", "two", "@bob three")
    read(room, bob, first=1, number=2)
    assert unread(bob).get().text.endswith("@bob three")
    read(room, bob, first=3, number=3)
    assert not unread(bob).exists()


def test_what_the_bell_says_of_no_message_is_read_with_the_chat(room: Chat, alice: User, bob: User) -> None:
    # So do invitations, and what was told before notifications led to their messages.
    notify(bob, "Alice invited you", room.get_absolute_url(), subject=room.stream)
    read(room, bob, first=0, number=0)
    assert not unread(bob).exists()


def test_whoever_is_no_member_reads_their_bell_too(room: Chat, alice: User, carol: User) -> None:
    fill(room, alice, "one", "@carol two")
    assert read(room, carol, first=1, number=1) == -1
    assert unread(carol).exists()
    read(room, carol, first=1, number=2)
    assert not unread(carol).exists()


def test_reading_one_chat_leaves_what_the_bell_says_of_others(
    room: Chat, private: Chat, alice: User, bob: User
) -> None:
    fill(room, alice, "@bob here")
    fill(private, alice, "@bob there")
    read(room, bob, number=1)
    assert unread(bob).get().subject == private.stream


@pytest.mark.parametrize("shown", [{}, {"number": "x"}, {"first": "-1", "number": "1e3"}, {"number": "9" * 40}])
def test_nonsense_reads_nothing(room: Chat, alice: User, bob: User, shown: dict[str, str]) -> None:
    fill(room, alice, "one")
    answer = signed_in(bob).post(f"{room.get_absolute_url()}reading/", shown)
    assert answer.status_code == 303
    assert room.membership_of(bob).read_number == 0
