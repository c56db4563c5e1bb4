"""A conversation with somebody whose account is deactivated does not look alive."""

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from messaging.models import Chat
from tests.conftest import signed_in

GONE = "Inactive"

pytestmark = pytest.mark.django_db


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def deactivate(*users: User) -> None:
    for user in users:
        user.is_active = False
        user.save()


@pytest.mark.parametrize("left_before", [False, True])
def test_it_is_said_in_the_head_in_the_list_and_where_one_would_write(
    alice: User, bob: User, left_before: bool
) -> None:
    chat = Chat.objects.direct([alice, bob])
    chat.post(bob, "See you")
    if left_before:
        chat.release(bob)
    browser = signed_in(alice)
    page = soup(browser.get(chat.get_absolute_url()))
    assert page.select_one("#composer")
    assert GONE not in page.text
    deactivate(bob)
    page = soup(browser.get(chat.get_absolute_url()))
    assert page.select_one(".pane-head .tag").text == GONE
    assert page.select_one("#chats .tag").text == GONE
    assert page.select_one("#composer") is None
    assert not page.select("script[src*=composer]"), "it would miss its box"
    assert "nobody would read" in page.select_one(".log-past").text
    assert "See you" in page.select_one("#messages").text
    assert soup(browser.get("/")).select_one("#chats .tag").text == GONE


def test_what_is_sent_from_a_page_of_before_stays_in_the_box(alice: User, bob: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    deactivate(bob)
    browser = signed_in(alice)
    for headers in ({}, {"HX-Request": "true"}):
        fields = {"body": "Are you there?", "client_id": str(uuid.uuid4())}
        answer = browser.post(f"/chats/{chat.pk}/messages/", fields, headers=headers)
        page = soup(answer)
        assert answer.status_code == 422
        assert page.select_one("textarea[name=body]").text.strip() == "Are you there?"
        assert "nobody would read" in page.select_one(".composer-error").text
    with pytest.raises(ValidationError, match="nobody would read"):
        chat.post(alice, "Are you there?")
    assert not chat.messages.exists()


def test_who_comes_back_is_written_to_again(alice: User, bob: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    deactivate(bob)
    bob.is_active = True
    bob.save()
    assert GONE not in signed_in(alice).get(chat.get_absolute_url()).content.decode()
    chat.post(alice, "Welcome back")


def test_a_group_is_alive_for_as_long_as_one_other_is_there(alice: User, bob: User, carol: User) -> None:
    chat = Chat.objects.direct([alice, bob, carol])
    deactivate(bob)
    chat.post(alice, "Hello carol")
    assert soup(signed_in(alice).get(chat.get_absolute_url())).select_one("#composer")
    deactivate(carol)
    assert soup(signed_in(alice).get(chat.get_absolute_url())).select_one("#composer") is None
    with pytest.raises(ValidationError):
        chat.post(alice, "Hello?")


def test_notes_to_oneself_and_rooms_are_never_without_readers(room: Chat, alice: User, bob: User) -> None:
    own = Chat.objects.direct([alice])
    deactivate(bob)
    for chat in (own, room):
        chat.post(alice, "A note")
        page = soup(signed_in(alice).get(chat.get_absolute_url()))
        assert page.select_one("#composer")
        assert not page.select(".tag")


def test_people_of_a_room_who_are_no_longer_here_are_marked(room: Chat, alice: User, bob: User) -> None:
    room.admit(bob)
    deactivate(bob)
    rows = soup(signed_in(alice).get(f"/chats/{room.pk}/members/")).select(".rows > li")
    assert {row.select_one(".help").text for row in rows} == {"@alice", "@bob · inactive"}
