"""Forwards: a copy of what was said, for another chat, and where it was said for those alone who may read it there."""

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from messaging.forwards.part import ForwardAddition, content
from messaging.models import Chat, Message
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def message(private: Chat, alice: User) -> Message:
    found: Message = private.post(alice, "We *launch* on Friday.")
    return found


def send(user: User, message: Message, chat: Chat | int, body: str = "", **more: Any) -> Any:
    pk = chat if isinstance(chat, int) else chat.pk
    return signed_in(user).post(f"/messages/{message.pk}/forward/", {"chat": pk, "body": body, **more})


def soup(html: bytes) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def shown(user: User, chat: Chat) -> list[str]:
    """Return what a chat's page shows of forwarded messages, and of the words beside them."""
    page = soup(signed_in(user).get(chat.get_absolute_url()).content)
    for aside in page.select("noscript"):
        aside.decompose()
    found = page.select("#messages article:has(.forward)")
    return [" ".join(part.text.split()) for each in found for part in each.select(".message-body, .forward")]


def test_it_is_in_the_other_chat_with_whose_words_it_is(message: Message, room: Chat, bob: User, carol: User) -> None:
    answer = send(bob, message, room, "Look:")
    sent = room.messages.get()
    assert (answer.status_code, answer["Location"]) == (303, sent.place)
    assert sent.author == bob
    assert shown(carol, room) == ["Look:", "Forwarded from Alice We launch on Friday."]
    assert sent.line == "Bob in General: Look: (forwarded) We launch on Friday."


def test_a_word_of_ones_own_is_not_needed(message: Message, room: Chat, bob: User) -> None:
    assert send(bob, message, room, " \n ").status_code == 303
    assert shown(bob, room) == ["", "Forwarded from Alice We launch on Friday."]


def test_where_it_was_said_is_for_those_who_may_read_it_there(
    message: Message, room: Chat, bob: User, carol: User, alice: User
) -> None:
    send(bob, message, room)
    page = signed_in(carol).get(room.get_absolute_url()).content
    assert b"Launch" not in page
    address = f"/messages/{message.pk}/origin/"
    assert [place["hx-get"] for place in soup(page).select(".forward [hx-get]")] == [address]
    link = soup(signed_in(alice).get(address, headers=HTMX).content).select_one("a")
    assert link["href"] == message.place
    assert link.text.startswith("in Launch, ")
    assert signed_in(alice).get(address)["Location"] == message.place
    former = signed_in(bob)
    message.chat.release(bob)
    for client in (signed_in(carol), former, Client()):
        for headers in ({}, HTMX):
            answer = client.get(address, headers=headers)
            assert b"Launch" not in answer.content
            assert answer.status_code == 404 or "/accounts/login/" in str(answer.headers)


def test_it_is_the_same_for_everybody(message: Message, room: Chat, alice: User, carol: User) -> None:
    send(alice, message, room)

    def article(user: User) -> str:
        return str(soup(signed_in(user).get(room.get_absolute_url()).content).select_one("article"))

    assert article(alice) == article(carol)


def test_what_happens_to_the_first_one_is_not_told_in_the_other_chat(message: Message, room: Chat, bob: User) -> None:
    send(bob, message, room)
    message.edit("Only we know: on Monday.")
    assert shown(bob, room)[1] == "Forwarded from Alice We launch on Friday."
    message.delete_body()
    assert shown(bob, room)[1] == "Forwarded from Alice We launch on Friday."
    assert signed_in(bob).get(f"/messages/{message.pk}/origin/", headers=HTMX).status_code == 404


def test_a_deleted_forward_keeps_nothing(message: Message, room: Chat, bob: User) -> None:
    send(bob, message, room)
    room.messages.get().delete_body()
    assert room.messages.get().parts == {}


def test_a_forward_that_says_nothing_itself_passes_on_what_it_has(message: Message, room: Chat, bob: User) -> None:
    send(bob, message, room)
    talk = Chat.objects.direct([bob])
    send(bob, room.messages.get(), talk)
    assert shown(bob, talk)[1] == "Forwarded from Alice We launch on Friday."


def test_only_what_one_may_read_can_be_forwarded(message: Message, room: Chat, bob: User, carol: User) -> None:
    message.chat.release(bob)
    room.admit(carol)
    for user in (bob, carol):
        assert send(user, message, room).status_code == 404
        assert signed_in(user).get(f"/messages/{message.pk}/forward/").status_code == 404
    assert not room.messages.exists()


def test_a_deleted_message_cannot_be_forwarded(message: Message, room: Chat, bob: User) -> None:
    message.delete_body()
    assert send(bob, message, room).status_code == 404


@pytest.mark.parametrize("chosen", ["", "x", "0", "-1", "9" * 30, "\0"])
def test_without_a_chat_the_form_says_so_and_keeps_the_text(message: Message, bob: User, chosen: str) -> None:
    answer = signed_in(bob).post(f"/messages/{message.pk}/forward/", {"chat": chosen, "body": "my words"})
    assert answer.status_code == 422
    page = soup(answer.content)
    assert page.select_one("main .errorlist").text == "Choose one of your chats."
    assert page.select_one("[name=body]").text.strip() == "my words"


def test_only_ones_own_chats_are_offered_and_taken(message: Message, room: Chat, bob: User, carol: User) -> None:
    other = Chat.objects.start(carol, "Carols", Chat.Kind.PRIVATE)
    page = soup(signed_in(bob).get(f"/messages/{message.pk}/forward/").content)
    assert {label.text.strip() for label in page.select(".row-choice")} == {"Launch", "General"}
    found = soup(signed_in(bob).get(f"/messages/{message.pk}/forward/?q=gen").content)
    assert [label.text.strip() for label in found.select(".row-choice")] == ["General"]
    assert send(bob, message, other).status_code == 422
    assert not other.messages.exists()
    room.release(bob)
    assert send(bob, message, room).status_code == 422


def test_what_is_too_long_is_refused_with_its_text(message: Message, room: Chat, bob: User) -> None:
    answer = send(bob, message, room, "x" * 10_001)
    assert answer.status_code == 422
    assert "too long" in answer.content.decode()
    assert "x" * 10_001 in answer.content.decode()
    assert not room.messages.exists()


def test_nobody_hears_what_is_forwarded_to_who_is_inactive(message: Message, alice: User, bob: User) -> None:
    talk = Chat.objects.direct([alice, bob])
    alice.is_active = False
    alice.save()
    assert "inactive" in send(bob, message, talk).content.decode()
    assert not talk.messages.exists()


def test_the_same_form_again_forwards_once(message: Message, room: Chat, bob: User) -> None:
    form = {"client_id": str(uuid.uuid4())}
    places = [send(bob, message, room, "Look:", **form)["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert room.messages.count() == 1
    other = message.chat.post(bob, "Another one.")
    refused = send(bob, other, room, "Look:", **form)
    assert refused.status_code == 422
    fresh = soup(refused.content).select_one("[name=client_id]")["value"]
    assert send(bob, other, room, "Look:", client_id=fresh).status_code == 303


def test_what_only_shows_is_text_wherever_it_goes(private: Chat, room: Chat, bob: User) -> None:
    evil = private.post(bob, "<script>alert(1)</script> <b onclick=x>")
    send(bob, evil, room)
    assert soup(signed_in(bob).get(room.get_absolute_url()).content).select(".forward script, .forward b") == []
    assert shown(bob, room)[1].endswith("<script>alert(1)</script> <b onclick=x>")


def test_the_menu_offers_it_where_there_is_something(message: Message, bob: User) -> None:
    entries = soup(signed_in(bob).get(f"/messages/{message.pk}/menu/").content).select("a.menu-entry")
    assert f"/messages/{message.pk}/forward/" in [each["href"] for each in entries]
    assert content(Message(html="", parts={})) is None
    assert ForwardAddition({"message": 1}).is_of(Message(parts={})) is False


def test_the_page_of_a_forwarded_message_says_what_it_has(message: Message, room: Chat, bob: User, alice: User) -> None:
    send(bob, message, room)
    page = signed_in(alice).get(f"/messages/{room.messages.get().pk}/").content.decode()
    assert "(forwarded) We launch on Friday." in page
