"""Who is writing is told to those who may read along, and to nobody else."""

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat, Showing
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
NEWS = "#writing-news"


def write(user: User, chat: Chat) -> int:
    return signed_in(user).post(f"{chat.get_absolute_url()}writing/").status_code


def test_the_chat_is_told_who_writes(private: Chat, bob: User, pushes: list[Event]) -> None:
    assert write(bob, private) == 204
    (news,) = assert_pushed(pushes, private, NEWS)
    assert (news["data-person"], news["data-name"], news["data-seconds"]) == (str(bob.pk), "Bob", "6")
    assert [(event["group"], event["seq"]) for event in pushes if "seq" in event] == [(private.stream, None)]


def test_an_outsider_writes_nowhere(private: Chat, carol: User, pushes: list[Event]) -> None:
    assert write(carol, private) == 404
    assert_not_pushed(pushes, private, NEWS)


def test_a_name_can_be_nothing_else(private: Chat, bob: User, pushes: list[Event]) -> None:
    User.objects.filter(pk=bob.pk).update(first_name='"><script>')
    write(bob, private)
    (news,) = assert_pushed(pushes, private, NEWS)
    assert str(news["data-name"]).startswith('"><script>')


def test_who_hides_that_they_write_does_so_unseen(private: Chat, bob: User, pushes: list[Event]) -> None:
    Showing.objects.create(user=bob, hides_writing=True)
    assert write(bob, private) == 204
    assert_not_pushed(pushes, private)


def test_what_is_switched_off_is_taken_away(private: Chat, bob: User, pushes: list[Event]) -> None:
    write(bob, private)
    signed_in(bob).post("/presence/showing/", {"online": "on"})
    assert [news["data-seconds"] for news in assert_pushed(pushes, private, NEWS)] == ["6", "0"]
    signed_in(bob).post("/presence/showing/", {})
