"""M3: whoever is put into a room, a group or a conversation leaves it at once, and many of them in one place."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from messaging.chats.sidebar import entries
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership
from notifications.models import Notification
from notifications.testing import assert_pushed, captured_pushes
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

OWN = "/chats/mine/"


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def flood(alice: User, bob: User, carol: User) -> list[Chat]:
    """What alice has put bob into: rooms, a group and a conversation."""
    rooms = [Chat.objects.start(alice, f"Room {number}", Chat.Kind.PRIVATE) for number in range(3)]
    for chat in rooms:
        signed_in(alice).post(f"/chats/{chat.pk}/members/", {"people": "bob"})
    return [*rooms, Chat.objects.direct([alice, bob, carol]), Chat.objects.direct([alice, bob])]


def titles(user: User) -> set[str]:
    return {entry.title for entry in entries(user)}


def test_the_page_lists_all_of_them_the_last_on_top(flood: list[Chat], bob: User) -> None:
    browser = signed_in(bob)
    assert soup(browser.get("/")).select_one(f"#menu a[href='{OWN}']")
    page = soup(browser.get(OWN))
    assert [box["value"] for box in page.select("input[name=chat]")] == [str(chat.pk) for chat in reversed(flood)]
    assert {button["value"] for button in page.select("button[name=only]")} == {str(chat.pk) for chat in flood}
    assert not page.select("[checked]")
    assert len(soup(browser.get(f"{OWN}?all")).select("[checked]")) == len(flood)


@pytest.mark.parametrize("number", range(5))
def test_one_press_leaves_one_whatever_is_chosen_beside(flood: list[Chat], bob: User, number: int) -> None:
    fields = {"only": flood[number].pk, "chat": [chat.pk for chat in flood]}
    answer = signed_in(bob).post(OWN, fields)
    assert (answer.status_code, answer["Location"]) == (303, OWN)
    assert {entry.chat for entry in entries(bob)} == {*flood} - {flood[number]}
    assert signed_in(bob).get(flood[number].get_absolute_url()).status_code == 404


def test_all_that_are_chosen_are_left_at_once(flood: list[Chat], bob: User, alice: User, carol: User) -> None:
    answer = signed_in(bob).post(OWN, {"chat": [chat.pk for chat in flood[1:]]}, follow=True)
    assert "You have left 4 chats." in answer.content.decode()
    assert titles(bob) == {"Room 0"}
    assert titles(carol) == {"Alice"}
    assert titles(alice) == {"Room 0", "Room 1", "Room 2", "Carol", "Bob"}, "others stay, and it is still bob's name"
    assert Chat.objects.get(pk=flood[-1].pk).title_for(alice) == "Bob"


def test_the_list_on_open_pages_is_drawn_once(
    flood: list[Chat], bob: User, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    browser = signed_in(bob)
    with captured_pushes() as pushes, django_capture_on_commit_callbacks(execute=True):
        browser.post(OWN, {"chat": [chat.pk for chat in flood]})
    shown = assert_pushed(pushes, f"user.{bob.pk}", "#chats")
    assert "Room 0" not in shown[-1].text
    assert all(str(bob.pk) not in event["group"].split(".") or event["group"] == f"user.{bob.pk}" for event in pushes)


@pytest.mark.parametrize(
    "fields", [{}, {"chat": []}, {"chat": "x"}, {"chat": "9" * 30}, {"only": "-1"}, {"chat": "\0"}]
)
def test_choosing_none_is_said(flood: list[Chat], bob: User, fields: dict[str, Any]) -> None:
    answer = signed_in(bob).post(OWN, fields)
    assert (answer.status_code, "Choose some of them first" in answer.content.decode()) == (422, True)
    assert len(entries(bob)) == len(flood)


def test_nobody_leaves_for_others(flood: list[Chat], private: Chat, alice: User, bob: User, carol: User) -> None:
    hers = Chat.objects.start(alice, "Hers", Chat.Kind.PRIVATE)
    assert signed_in(bob).post(OWN, {"chat": [hers.pk]}).status_code == 422
    assert signed_in(carol).post(OWN, {"chat": [chat.pk for chat in flood[:3]]}).status_code == 422
    assert hers.membership_of(alice)
    assert all(chat.membership_of(bob) for chat in flood)
    assert "Hers" not in signed_in(bob).get(OWN).content.decode()


def test_an_owner_leaves_all_but_those_that_nobody_else_would_own(flood: list[Chat], alice: User, bob: User) -> None:
    flood[0].set_role(bob, Membership.Role.OWNER, alice)
    client = signed_in(alice)
    client.post(OWN, {"chat": [chat.pk for chat in flood[:3]]})
    assert [chat.membership_of(alice) is None for chat in flood[:3]] == [True, False, False]
    assert client.get(OWN).content.decode().count("You are the only owner") == 2


def test_a_conversation_that_was_left_comes_back_with_what_is_written_in_it(alice: User, bob: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    chat.post(alice, "before")
    assert signed_in(bob).post(f"/chats/{chat.pk}/leaving/").status_code == 303
    assert titles(bob) == set()
    message = Chat.objects.get(pk=chat.pk).post(alice, "again")
    assert [(entry.title, entry.unread) for entry in entries(bob)] == [("Alice", 1)]
    notify_about(message)
    assert Notification.objects.get(inbox=bob.pk).text == "Alice: again"


def test_a_group_that_was_left_does_not_come_back_by_a_message(alice: User, bob: User, carol: User) -> None:
    chat = Chat.objects.direct([alice, bob, carol])
    signed_in(bob).post(f"/chats/{chat.pk}/leaving/")
    chat.post(alice, "without bob")
    assert titles(bob) == set()


def test_notes_to_oneself_are_left_and_begun_anew(alice: User) -> None:
    chat = Chat.objects.direct([alice])
    assert signed_in(alice).post(OWN, {"only": chat.pk}).status_code == 303
    assert titles(alice) == set()
    assert Chat.objects.direct([alice]) == chat
    assert titles(alice) == {"Alice (you)"}


def test_many_are_listed_with_the_same_queries(alice: User, bob: User, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        Chat.objects.start(bob, f"Room {number}", Chat.Kind.PRIVATE)
        Chat.objects.direct([bob, other := User.objects.create_user(f"person{number}")]).release(other)
    Chat.objects.direct([alice, bob])
    browser = signed_in(bob)
    browser.get(OWN)
    with django_assert_max_num_queries(14):
        browser.get(OWN)
