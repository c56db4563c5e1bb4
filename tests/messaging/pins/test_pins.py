"""Pins: members pin messages, everybody sees the mark and the list, and the number follows at once."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.messages.stream import ChatStream
from messaging.models import Chat, Message, Pin
from messaging.pins.models import MOST, pin, unpin
from notifications.testing import Event
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def message(room: Chat, alice: User) -> Message:
    found: Message = room.post(alice, "We *launch* on Friday.")
    return found


def press(user: User, message: Message, is_on: str = "1", **more: Any) -> Any:
    return signed_in(user).post(f"/messages/{message.pk}/pin/", {"is_on": is_on}, **more)


def page_of(user: User, address: str) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(address).content, "html.parser")


def marks(user: User, chat: Chat) -> list[str]:
    """Return what a chat's page shows of pins: at its messages, and in its head."""
    page = page_of(user, chat.get_absolute_url())
    links = [link for link in page.select(".pane-links [id^=pins-]") if not link.has_attr("hidden")]
    return [" ".join(each.text.split()) for each in [*page.select("#messages .pin"), *links]]


def listed(user: User, chat: Chat) -> list[str]:
    page = page_of(user, f"{chat.get_absolute_url()}pins/")
    return [" ".join(body.text.split()) for body in page.select(".cards .message-body")]


def test_a_pinned_message_is_marked_and_in_the_list(message: Message, alice: User, bob: User) -> None:
    assert marks(alice, message.chat) == []
    assert press(bob, message)["Location"] == message.place
    assert marks(alice, message.chat) == ["Pinned by Bob", "Pinned 1"]
    assert listed(alice, message.chat) == ["We launch on Friday."]
    press(alice, message, "0")
    assert marks(alice, message.chat) == []
    assert listed(alice, message.chat) == []


def test_the_last_pinned_stands_on_top_and_leads_to_its_place(room: Chat, alice: User, bob: User) -> None:
    first, second = (room.post(alice, body) for body in ("first", "second"))
    for message in (second, first):
        pin(message, bob)
    assert listed(bob, room) == ["first", "second"]
    page = page_of(bob, f"{room.get_absolute_url()}pins/")
    assert page.select_one(".cards a.button")["href"] == first.place


def test_the_menu_says_what_it_would_do(message: Message, bob: User) -> None:
    for word in ("Pin", "Unpin"):
        entries = page_of(bob, f"/messages/{message.pk}/menu/").select("button.menu-entry")
        button = next(each for each in entries if each.get("name") == "is_on")
        assert button.text.strip() == word
        press(bob, message, str(button["value"]))
    assert marks(bob, message.chat) == []


def test_the_same_press_twice_changes_nothing(message: Message, alice: User, bob: User) -> None:
    press(bob, message)
    seq = Chat.objects.get(pk=message.chat_id).seq
    press(alice, message)
    assert marks(alice, message.chat) == ["Pinned by Bob", "Pinned 1"]
    assert Chat.objects.get(pk=message.chat_id).seq == seq
    for _ in range(2):
        assert press(alice, message, "0").status_code == 303
    assert Chat.objects.get(pk=message.chat_id).pinned == 0


def test_only_members_pin(private: Chat, room: Chat, message: Message, alice: User, bob: User, carol: User) -> None:
    secret = private.post(alice, "only for alice and bob")
    pin(secret, bob)
    private.release(bob)
    for user in (bob, carol):
        for is_on in ("0", "1"):
            assert press(user, secret, is_on).status_code == 404
        assert signed_in(user).get(f"/chats/{private.pk}/pins/").status_code == 404
    # Everybody reads an open room and its pins; who is not in it changes none.
    assert press(carol, message).status_code == 404
    pin(message, alice)
    assert listed(carol, room) == ["We launch on Friday."]
    assert page_of(carol, f"/chats/{room.pk}/pins/").select("[name=is_on]") == []
    assert "Pin" not in [each.text.strip() for each in page_of(carol, f"/messages/{message.pk}/menu/").select("button")]
    with pytest.raises(Chat.DoesNotExist):
        unpin(message, carol)
    assert Pin.objects.count() == 2


@pytest.mark.parametrize("is_on", ["", "2", "yes", "\0"])
def test_what_says_nothing_is_refused(message: Message, bob: User, is_on: str) -> None:
    for headers in ({}, HTMX):
        answer = press(bob, message, is_on, headers=headers)
        assert answer.status_code == 422
        assert "Say whether" in answer.content.decode()


def test_a_chat_has_a_bounded_number_of_pins(message: Message, bob: User) -> None:
    others = [message.chat.post(bob, "x") for _ in range(MOST)]
    Pin.objects.bulk_create(Pin(message=each, chat=message.chat, by=bob) for each in others)
    refused = press(bob, message)
    assert refused.status_code == 422
    assert "At most 100 messages of a chat can be pinned." in refused.content.decode()
    message.refresh_from_db()
    assert message.parts == {}
    assert press(bob, message, headers=HTMX)["Content-Type"].startswith("text/plain")


def test_a_list_costs_the_same_however_many_it_has(message: Message, alice: User, bob: User) -> None:
    client, counts = signed_in(alice), []
    client.get(f"/chats/{message.chat_id}/pins/")
    for count in (1, 10):
        for _ in range(count):
            pin(message.chat.post(bob, "x"), bob)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/chats/{message.chat_id}/pins/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_catch_up_with_the_mark_and_the_number(
    message: Message, alice: User, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    for change, number, mark in (
        (lambda: pin(message, bob), "1", ["Pinned by Bob"]),
        (lambda: message.edit("On Monday."), None, ["Pinned by Bob"]),
        (lambda: Message.objects.get(pk=message.pk).delete_body(), "0", []),
    ):
        before = Chat.objects.get(pk=message.chat_id).seq
        pushes.clear()
        with django_capture_on_commit_callbacks(execute=True):
            change()
        now = Chat.objects.get(pk=message.chat_id).seq
        assert max(event["seq"] for event in pushes if event["group"] == message.chat.stream) == now
        lacked = BeautifulSoup(ChatStream().changes(message.chat_id, before).html, "html.parser")
        link = lacked.select_one(f"#pins-{message.chat_id} b")
        assert (link and link.text) == number
        assert [" ".join(each.text.split()) for each in lacked.select(f"#message-{message.pk} .pin")] == mark
    assert not Pin.objects.exists()


def test_who_pins_too_often_is_told_so(message: Message, bob: User, settings: Any) -> None:
    settings.LIMITS = {"posts": "1/1h"}
    assert press(bob, message).status_code == 303
    assert press(bob, message, "0").status_code == 429
    assert marks(bob, message.chat) == ["Pinned by Bob", "Pinned 1"]
