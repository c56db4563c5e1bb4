"""Links to messages: found in texts by the parser, and quoted to those alone who may read what they lead to."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.links.finding import MOST, linked
from messaging.messages.stream import ChatStream
from messaging.models import Chat, Message
from messaging.threads.answering import thread_of
from notifications.push import text
from notifications.testing import assert_not_pushed, assert_pushed, captured_pushes
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SITE = "http://localhost:8000"


@pytest.fixture
def secret(private: Chat, alice: User) -> Message:
    found: Message = private.post(alice, "only for *alice* and bob")
    return found


def write(user: User, chat: Chat, body: str) -> Message:
    answer = signed_in(user).post(f"/chats/{chat.pk}/messages/", {"body": body})
    assert answer.status_code == 303
    return Message.objects.select_related("chat").latest("pk")


def places(html: str | bytes) -> list[str]:
    return [str(place["hx-get"]) for place in BeautifulSoup(html, "html.parser").select(".link-place")]


def chat_page(user: User, chat: Chat) -> bytes:
    return signed_in(user).get(chat.get_absolute_url()).content


def test_a_link_to_a_message_is_quoted_to_who_may_read_it(secret: Message, room: Chat, alice: User, bob: User) -> None:
    message = write(alice, room, f"As I said: {SITE}{secret.place}")
    assert places(chat_page(bob, room)) == [f"/messages/{secret.pk}/quote/"]
    quote = signed_in(bob).get(f"/messages/{secret.pk}/quote/", headers=HTMX)
    words = " ".join(BeautifulSoup(quote.content, "html.parser").text.split())
    assert words.startswith("Alice Launch, ")
    assert words.endswith(" only for alice and bob")
    assert BeautifulSoup(quote.content, "html.parser").select_one("a")["href"] == secret.place
    assert message.body in message.line


def test_nobody_else_sees_anything_of_it(secret: Message, room: Chat, alice: User, bob: User, carol: User) -> None:
    write(alice, room, f"As I said: {SITE}{secret.place}")
    former = signed_in(bob)
    secret.chat.release(bob)
    for client in (signed_in(carol), former, Client()):
        for headers in ({}, HTMX):
            answer = client.get(f"/messages/{secret.pk}/quote/", headers=headers)
            assert b"only for" not in answer.content
            assert b"Launch" not in answer.content
    for client in (signed_in(carol), former):
        assert client.get(f"/messages/{secret.pk}/quote/", headers=HTMX).status_code == 404
    page = chat_page(carol, room)
    assert b"only for" not in page
    assert b"Launch" not in page


def test_the_message_is_the_same_for_everybody(secret: Message, room: Chat, alice: User, carol: User) -> None:
    message = write(alice, room, f"{SITE}{secret.place}")

    def article(user: User) -> str:
        return str(BeautifulSoup(chat_page(user, room), "html.parser").select_one(f"#message-{message.pk}"))

    assert article(alice) == article(carol)


def test_without_scripts_the_place_leads_to_the_message(secret: Message, bob: User) -> None:
    answer = signed_in(bob).get(f"/messages/{secret.pk}/quote/")
    assert (answer.status_code, answer["Location"]) == (302, secret.place)


def test_a_deleted_message_is_not_quoted(secret: Message, bob: User) -> None:
    secret.delete_body()
    assert signed_in(bob).get(f"/messages/{secret.pk}/quote/", headers=HTMX).status_code == 404


def test_an_edit_changes_what_is_quoted(secret: Message, room: Chat, alice: User) -> None:
    message = write(alice, room, "see below")
    client, address = signed_in(alice), f"/messages/{message.pk}/"
    message.change_part("reactions", lambda _: [["👍", [alice.pk]]])
    for body, found in ((f"{SITE}{secret.place}", [f"/messages/{secret.pk}/quote/"]), ("never mind", [])):
        before = Chat.objects.get(pk=room.pk).seq
        shown = client.post(address, {"body": body}, headers=HTMX)
        assert places(shown.content) == places(chat_page(alice, room)) == found
        assert places(ChatStream().changes(room.pk, before).html) == found
    message.refresh_from_db()
    assert message.parts == {"reactions": [["👍", [alice.pk]]]}
    client.post(address, {"body": f"{SITE}{secret.place}"})
    message.refresh_from_db()
    message.delete_body()
    assert places(chat_page(alice, room)) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"{SITE}/chats/1/?at=2#message-3", [3]),
        (f"[words]({SITE}/chats/1/?at=2#message-3)", [3]),
        ("http://127.0.0.1:9999/chats/1/#message-3", [3]),
        ("HTTP://LOCALHOST/chats/1/#message-3", [3]),
        (f"{SITE}/chats/1/#message-3 and {SITE}/chats/1/?at=5#message-3", [3]),
        (" ".join(f"{SITE}/chats/1/#message-{number}" for number in range(1, 9)), list(range(1, MOST + 1))),
        (f"`{SITE}/chats/1/#message-3`", []),
        (f"```\n{SITE}/chats/1/#message-3\n```", []),
        ("https://elsewhere.example/chats/1/#message-3", []),
        ("https://localhost.evil.example/chats/1/#message-3", []),
        ("https://evil.example/?http://localhost/chats/1/#message-3", []),
        (f"{SITE}/chats/1/members/#message-3", []),
        (f"{SITE}/nowhere/#message-3", []),
        (f"{SITE}/chats/1/#message-", []),
        (f"{SITE}/chats/1/#message-0", []),
        (f"{SITE}/chats/1/#message-x3", []),
        (f"{SITE}/chats/1/#message-{'9' * 40}", []),
        ("http://[::1/chats/1/#message-3", []),
        (f"{SITE}/chats/1/#", []),
    ],
)
def test_what_links_to_a_message_here_is_known(body: str, found: list[int]) -> None:
    assert linked(text.render(body)) == found


@pytest.mark.parametrize("body", ["#message-", "\0#message-3", "#message-3" * 2_000])
def test_what_cannot_be_posted_is_refused_as_ever(room: Chat, alice: User, body: str) -> None:
    assert signed_in(alice).post(f"/chats/{room.pk}/messages/", {"body": body}).status_code in {303, 422}


def test_the_menu_has_the_address(secret: Message, bob: User) -> None:
    page = BeautifulSoup(signed_in(bob).get(f"/messages/{secret.pk}/menu/").content, "html.parser")
    assert next(link["href"] for link in page.select("a") if link.text.strip() == "Copy link") == secret.place


def test_members_pages_hear_of_a_change_that_quotes_show_and_nobody_else_does(
    secret: Message, room: Chat, alice: User, bob: User, carol: User
) -> None:
    write(alice, room, f"See {secret.place}")
    with captured_pushes() as pushes:
        secret.edit("Another secret")
    (fetching,) = assert_pushed(pushes, f"members.{secret.chat_id}", f'[data-address="/messages/{secret.pk}/quote/"]')
    assert not fetching.text
    assert {push["group"] for push in pushes} == {f"chat.{secret.chat_id}", f"members.{secret.chat_id}"}
    assert Chat.objects.visible_to(carol).filter(pk=room.pk).exists(), "who may not read it reads where it is quoted"
    assert_not_pushed(pushes, carol)
    assert_not_pushed(pushes, room)
    with captured_pushes() as pushes:
        secret.delete_body()
    (emptied,) = assert_pushed(pushes, f"members.{secret.chat_id}", f"[data-message='{secret.pk}'][data-address='']")
    assert not emptied.text


def test_a_change_costs_the_same_however_often_it_is_quoted(secret: Message, room: Chat, alice: User) -> None:
    counts = []
    secret.edit("Edited before")
    for times in (1, 20):
        for _ in range(times):
            write(alice, room, f"See {secret.place}")
        with captured_pushes() as pushes, CaptureQueriesContext(connection) as queries:
            secret.edit(f"Quoted {times} times")
        counts.append((len(pushes), len(queries)))
    assert counts[0] == counts[1]


def test_pages_of_the_chat_hear_of_a_change_in_its_thread(secret: Message, bob: User, alice: User) -> None:
    answer = Chat.objects.post(thread_of(secret).pk, bob, "An answer")
    with captured_pushes() as pushes:
        answer.edit("A better answer")
    assert_pushed(pushes, f"members.{secret.chat_id}", f'[data-address="/messages/{answer.pk}/quote/"]')
