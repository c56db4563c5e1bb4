"""Saved messages: everybody's own list of what waits and what is done, and nothing in it that is not theirs to read."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Chat, Message, SavedList, SavedMessage
from messaging.saved.models import keep, of_themselves
from messaging.saved.views import PAGE_SIZE
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def message(private: Chat, alice: User) -> Message:
    found: Message = private.post(alice, "We *launch* on Friday.")
    return found


def press(user: User, message: Message, state: str, **more: Any) -> Any:
    return signed_in(user).post(f"/messages/{message.pk}/saved/", {"state": state, **more})


def page_of(user: User, address: str) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(address).content, "html.parser")


def saved(user: User, which: str = "") -> list[str]:
    return [" ".join(body.text.split()) for body in page_of(user, f"/saved/{which}").select(".cards .message-body")]


def lists(user: User) -> tuple[list[str], list[str]]:
    return saved(user), saved(user, "?done")


def test_what_is_saved_waits_until_it_is_done_and_can_come_back(message: Message, alice: User, bob: User) -> None:
    words = ["We launch on Friday."]
    assert press(bob, message, "later")["Location"] == message.place
    assert lists(bob) == (words, [])
    assert press(bob, message, "done", list="1")["Location"] == "/saved/"
    assert lists(bob) == ([], words)
    press(bob, message, "later")
    assert lists(bob) == (words, [])
    press(bob, message, "none")
    assert lists(bob) == lists(alice) == ([], [])


def test_it_names_the_chat_and_leads_to_the_message(message: Message, alice: User, bob: User) -> None:
    talk = Chat.objects.direct([alice, bob])
    keep(talk.post(alice, "Lunch?"), bob)
    keep(message, bob)
    links = page_of(bob, "/saved/").select(".card-chat")
    assert [link.text for link in links] == ["Launch", "Alice"]
    assert links[0]["href"] == message.place


def test_the_menu_saves_and_says_that_it_is_saved(message: Message, bob: User) -> None:
    for words in ("Save for later", "Saved: mark as done", "Save for later"):
        entries = page_of(bob, f"/messages/{message.pk}/menu/").select("button.menu-entry")
        button = next(each for each in entries if each.get("name") == "state")
        assert button.text.strip() == words
        address = str(button.parent["action"])
        assert signed_in(bob).post(address, {"state": button["value"]}, headers=HTMX).status_code == 204
    assert lists(bob) == (["We launch on Friday."], [])


def test_saving_twice_is_saving_once(message: Message, bob: User) -> None:
    for state in ("later", "later", "done", "done"):
        assert press(bob, message, state).status_code == 303
    assert SavedMessage.objects.count() == 1


@pytest.mark.parametrize("state", ["", "x", "\0", "later "])
def test_what_says_nothing_is_refused(message: Message, bob: User, state: str) -> None:
    assert press(bob, message, state).status_code == 422
    assert not SavedMessage.objects.exists()


def test_only_what_one_may_read_is_saved_and_shown(message: Message, bob: User, carol: User) -> None:
    keep(message, bob)
    message.chat.release(bob)
    for user in (bob, carol):
        for state in ("later", "done", "none"):
            assert press(user, message, state).status_code == 404
        assert lists(user) == ([], [])
    assert SavedMessage.objects.get().done_at is None
    message.chat.admit(bob)
    assert saved(bob) == ["We launch on Friday."]


def test_a_deleted_message_is_in_no_list(message: Message, alice: User, bob: User) -> None:
    for user in (alice, bob):
        keep(message, user)
    message.delete_body()
    assert not SavedMessage.objects.exists()
    assert press(bob, message, "later").status_code == 404


def test_a_long_list_has_pages_and_each_costs_the_same(message: Message, bob: User) -> None:
    client, counts = signed_in(bob), []
    for count in (1, PAGE_SIZE + 4):
        for number in range(count):
            keep(message.chat.post(bob, f"number {number}"), bob)
        client.get("/saved/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/saved/")
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert len(saved(bob)) == PAGE_SIZE
    assert len(saved(bob, "?page=2")) == 5
    assert saved(bob)[0] == f"number {PAGE_SIZE + 3}"


def test_who_saves_too_often_is_told_so(message: Message, bob: User, settings: Any) -> None:
    settings.LIMITS = {"posts": "1/1h"}
    assert press(bob, message, "later").status_code == 303
    assert press(bob, message, "done").status_code == 429
    assert saved(bob) == ["We launch on Friday."]


def list_of(user: User) -> SavedList:
    return SavedList.objects.get_or_create(pk=user.pk)[0]


@pytest.mark.django_db(transaction=True)
def test_open_lists_of_ones_own_follow_what_is_saved_and_nobody_elses(
    message: Message, alice: User, bob: User, pushes: list[Event]
) -> None:
    for state in ("later", "done", "none"):
        pushes.clear()
        press(bob, message, state)
        assert_pushed(pushes, list_of(bob), "[data-stale]")
        assert_not_pushed(pushes, list_of(alice))
    pushes.clear()
    press(bob, message, "done")
    assert_not_pushed(pushes, list_of(bob))
    assert of_themselves([alice.pk, bob.pk], [bob.pk]) == {(bob.pk, bob.pk)}


@pytest.mark.django_db(transaction=True)
def test_open_lists_follow_the_message_itself(message: Message, alice: User, bob: User, pushes: list[Event]) -> None:
    keep(message, bob)
    for change in (lambda: message.edit("We launch on Monday."), message.delete_body):
        pushes.clear()
        change()
        assert_pushed(pushes, list_of(bob), "[data-stale]")
        assert_not_pushed(pushes, list_of(alice))


def test_the_list_stands_in_a_region_that_says_how_new_it_is(message: Message, bob: User) -> None:
    press(bob, message, "later")
    region = page_of(bob, "/saved/").select_one("[data-live]")
    assert region is not None
    assert (region["data-live"], region["data-seq"]) == (f"savedlist.{bob.pk}", "1")
    assert "We launch on Friday." in " ".join(region.text.split())
