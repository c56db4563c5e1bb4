"""Who is blocked writes no more to the one who did so, in a conversation of the two, and is told nothing else."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.accounts.models.block import BLOCKED
from messaging.messages.recipients import recipients
from messaging.models import Block, Chat, Message
from messaging.people.blocking import block
from messaging.threads.answering import thread_of
from notifications.models import Token
from notifications.testing import assert_not_pushed, assert_pushed, captured_pushes
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def press(user: User, other: User, is_on: str = "1") -> Any:
    return signed_in(user).post(f"/people/{other.pk}/block/", {"is_on": is_on})


def say(user: User, chat: Chat, body: str = "Hello there", **headers: str) -> Any:
    return signed_in(user).post(f"{chat.get_absolute_url()}messages/", {"body": body}, headers=headers)


def test_who_is_blocked_cannot_write_and_keeps_the_text(two: Chat, alice: User, bob: User) -> None:
    assert press(alice, bob).status_code == 303
    for headers in ({}, {"HX-Request": "true"}):
        answer = say(bob, two, **headers)
        assert answer.status_code == 422
        assert BLOCKED in answer.content.decode()
    assert "Hello there" in say(bob, two).content.decode()
    assert not Message.objects.exists()
    assert say(alice, two).status_code == 303, "who has blocked may write"


def test_nor_in_a_thread_nor_by_an_edit_nor_a_program(two: Chat, alice: User, bob: User) -> None:
    message = two.post(bob, "Before")
    _, secret = Token.objects.issue(bob, "mine", ["read", "write"])
    thread = thread_of(message)
    block(alice, bob)
    with pytest.raises(ValidationError, match=BLOCKED):
        thread.post(bob, "In the thread")
    answer = signed_in(bob).post(message.get_absolute_url(), {"body": "By an edit"})
    assert (answer.status_code, BLOCKED in answer.content.decode()) == (422, True)
    headers = {"Authorization": f"Bearer {secret}"}
    posted = Client().post(
        f"/api/v1/chats/{two.pk}/messages", {"body": "By a program"}, content_type="application/json", headers=headers
    )
    assert posted.status_code == 422
    message.refresh_from_db()
    assert (message.body, Message.objects.count()) == ("Before", 1)
    answer = signed_in(bob).post(message.get_absolute_url(), {"delete": "1"})
    assert answer.status_code == 303, "one's own words can be taken back"


def test_nor_by_forwarding(two: Chat, room: Chat, alice: User, bob: User) -> None:
    message = room.post(bob, "Elsewhere")
    block(alice, bob)
    answer = signed_in(bob).post(f"{message.get_absolute_url()}forward/", {"chat": two.pk, "body": "Look at this"})
    assert answer.status_code == 422
    assert BLOCKED in answer.content.decode()
    assert "Look at this" in answer.content.decode()
    assert not two.messages.exists()


def test_nor_begin_a_conversation(alice: User, bob: User, carol: User) -> None:
    block(alice, bob)
    answer = signed_in(bob).post("/chats/direct/", {"people": "alice"})
    assert answer.status_code == 422
    assert BLOCKED in answer.content.decode()
    assert not Chat.objects.exists()
    assert signed_in(bob).post("/chats/direct/", {"people": "alice, carol"}).status_code == 303
    assert signed_in(alice).post("/chats/direct/", {"people": "bob"}).status_code == 303


def test_rooms_and_groups_stay_as_they_are(room: Chat, alice: User, bob: User, carol: User) -> None:
    group = Chat.objects.direct([alice, bob, carol])
    block(alice, bob)
    assert say(bob, room).status_code == say(bob, group).status_code == 303
    assert recipients(group.messages.get()).filter(pk=alice.pk).exists()


def test_the_one_who_blocks_sees_nothing_of_the_other_there(two: Chat, room: Chat, alice: User, bob: User) -> None:
    message = two.post(bob, "In the very moment before")
    assert recipients(message).filter(pk=alice.pk).exists()
    block(alice, bob)
    assert not recipients(message).exists()
    with captured_pushes() as pushes:
        for chat in (two, room):
            signed_in(bob).post(f"{chat.get_absolute_url()}writing/")
    assert_not_pushed(pushes, two, "#writing-news")
    assert_pushed(pushes, room, "#writing-news")
    head = "data-presence-in"
    assert head not in signed_in(alice).get(two.get_absolute_url()).content.decode()
    assert head in signed_in(bob).get(two.get_absolute_url()).content.decode()


def test_it_is_listed_and_undone(two: Chat, alice: User, bob: User, carol: User) -> None:
    press(alice, bob)
    press(alice, bob)
    assert "@bob" in signed_in(alice).get("/people/blocked/").content.decode()
    assert "@bob" not in signed_in(carol).get("/people/blocked/").content.decode()
    assert press(carol, bob, "0").status_code == 404
    assert press(alice, bob, "0").status_code == 303
    assert say(bob, two).status_code == 303
    assert not Block.objects.exists()


def test_nobody_blocks_themselves_nor_who_is_not_there(alice: User) -> None:
    assert press(alice, alice).status_code == 404
    assert press(alice, User(pk=999999)).status_code == 404


def test_the_list_costs_no_query_each(alice: User, bob: User) -> None:
    client = signed_in(alice)
    block(alice, bob)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/people/blocked/").status_code == 200
        return len(queries)

    cost()
    few = cost()
    for number in range(5):
        block(alice, User.objects.create_user(f"person{number}"))
    assert cost() == few
