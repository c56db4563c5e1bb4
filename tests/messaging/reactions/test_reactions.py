"""Reactions: who puts which beneath a message, what pages show of it, and that crowds cost little."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.messages.stream import ChatStream
from messaging.models import Chat, Message
from messaging.reactions.part import MOST, QUICK, react
from notifications.testing import Event
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(room: Chat, alice: User) -> Message:
    found: Message = room.post(alice, "We launch on Friday.")
    return found


def post(client: Client, message: Message, emoji: str, **more: Any) -> Any:
    return client.post(f"/messages/{message.pk}/reactions/", {"emoji": emoji, **more})


def chips(client: Client, message: Message) -> dict[str, str]:
    """Return what a chat's page shows beneath the message: the names by the emoji."""
    page = BeautifulSoup(client.get(message.chat.get_absolute_url()).content, "html.parser")
    found = page.select(f"#message-{message.pk} .reaction")
    return {str(chip.text).split()[0]: str(chip["aria-label"]).partition(": ")[2] for chip in found}


def test_everybody_sees_who_has_reacted_and_the_same_again_counts_up(message: Message, alice: User, bob: User) -> None:
    assert post(signed_in(alice), message, "👍")["Location"] == message.place
    post(signed_in(bob), message, "👍")
    post(signed_in(bob), message, ":rocket:")
    for user in (alice, bob):
        assert chips(signed_in(user), message) == {"👍": "Alice and Bob", "🚀": "Bob"}


def test_a_second_press_takes_it_back_and_a_repeated_form_does_not(message: Message, bob: User) -> None:
    client = signed_in(bob)
    post(client, message, "🎉")
    post(client, message, "🎉")
    assert chips(client, message) == {}
    for _ in range(2):
        post(client, message, "🎉", is_on="1")
    assert chips(client, message) == {"🎉": "Bob"}
    for _ in range(2):
        post(client, message, "🎉", is_on="0")
    assert chips(client, message) == {}


@pytest.mark.parametrize("typed", ["", "x", "👍👍", ":no_such_emoji:", "<b>", "👍 yes", "\0"])
def test_what_is_no_emoji_is_refused_and_stays_in_the_form(message: Message, bob: User, typed: str) -> None:
    answer = post(signed_in(bob), message, typed)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.content, "html.parser")
    assert "Choose one emoji" in page.text
    assert str(page.select_one("[name=emoji]:not(button)")["value"]) == typed
    assert chips(signed_in(bob), message) == {}


def test_any_emoji_can_be_taken_also_one_of_several_signs(message: Message, bob: User) -> None:
    for sign in ("👩🏽‍🚀", "🏳️‍🌈", "🇫🇮", "❤️", "1️⃣"):
        assert post(signed_in(bob), message, sign).status_code == 303
    assert list(chips(signed_in(bob), message)) == ["👩🏽‍🚀", "🏳️‍🌈", "🇫🇮", "❤️", "1️⃣"]


def test_a_message_has_a_bounded_number_of_different_ones(message: Message, bob: User) -> None:
    signs = [chr(0x1F600 + number) for number in range(MOST + 1)]
    answers = [post(signed_in(bob), message, sign) for sign in signs]
    assert [answer.status_code for answer in answers] == [303] * MOST + [422]
    assert "at most 30" in answers[-1].content.decode()


def test_it_is_for_those_who_may_read_the_chat(room: Chat, message: Message, bob: User, carol: User) -> None:
    former = signed_in(bob)
    room.release(bob)
    Chat.objects.filter(pk=room.pk).update(kind=Chat.Kind.PRIVATE)
    for client in (signed_in(carol), former):
        assert post(client, message, "👍").status_code == 404
        assert client.get(f"/messages/{message.pk}/reactions/").status_code == 404
    message.refresh_from_db()
    assert message.parts == {}


def test_a_deleted_message_has_none_and_takes_none(message: Message, alice: User, bob: User) -> None:
    react(message, bob, "👍")
    message.delete_body()
    assert post(signed_in(bob), message, "👍").status_code == 404
    message.refresh_from_db()
    assert message.parts == {}
    assert chips(signed_in(alice), message) == {}


def test_pages_are_told_that_there_is_something_and_catch_up_with_it(
    message: Message, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    before = message.changed_seq
    with django_capture_on_commit_callbacks(execute=True):
        react(message, bob, "👍")
    assert [(event["group"], event["seq"], event["html"]) for event in pushes] == [
        (message.chat.stream, before + 1, None)
    ]
    lacked = BeautifulSoup(ChatStream().changes(message.chat_id, before).html, "html.parser")
    assert [chip["aria-label"] for chip in lacked.select(".reaction")] == ["👍 1: Bob"]


def test_a_new_name_is_shown_by_the_next_page(message: Message, bob: User) -> None:
    react(message, bob, "👍")
    assert chips(signed_in(bob), message) == {"👍": "Bob"}
    bob.first_name = "Robert"
    bob.save()
    assert chips(signed_in(bob), message)["👍"].startswith("Robert")


def test_the_menu_shows_the_reader_what_is_theirs_and_who_has_reacted(message: Message, alice: User, bob: User) -> None:
    react(message, bob, "👍")
    for user, is_pressed in ((alice, "false"), (bob, "true")):
        picker = BeautifulSoup(
            signed_in(user).get(f"/messages/{message.pk}/reactions/", headers={"HX-Request": "true"}).content,
            "html.parser",
        )
        assert [button["value"] for button in picker.select(".quick button")] == list(QUICK)
        assert picker.select_one("[value=👍]")["aria-pressed"] == is_pressed
        assert picker.select_one(".reacted dd").text.strip() == "Bob"


def test_a_thousand_people_cost_each_the_same_and_the_page_names_some(message: Message, alice: User) -> None:
    crowd = User.objects.bulk_create(User(username=f"person{number}") for number in range(1000))
    taken = []
    message.change_part("reactions", lambda _: [["🎉", [user.pk for user in crowd[:990]]]])
    for user in crowd[990:]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            react(message, user, "🎉")
        taken.append(len(queries))
    assert len(set(taken)) == 1
    assert taken[0] <= 8
    shown = chips(signed_in(alice), message)["🎉"]
    assert shown.startswith("person0, person1, ")
    assert shown.endswith(" and 990 others")
