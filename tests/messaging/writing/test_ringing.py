"""Everybody in a chat is rung by @all: its people and nobody else, and not by accident."""

import uuid

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership, Message
from notifications.models import Notification, Occurrence
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def rung(message: Message) -> set[str]:
    """Return whose bells ring for a message."""
    notify_about(message)
    told = Occurrence.objects.filter(key=message.key).values("inbox")
    return set(User.objects.filter(pk__in=told).values_list("username", flat=True))


def marked(message: Message) -> list[str]:
    return [mark.text for mark in BeautifulSoup(message.html, "html.parser").find_all("mark")]


@pytest.fixture
def crowd(room: Chat) -> list[User]:
    """Twenty more people in the room."""
    people = [User.objects.create_user(f"person{number}") for number in range(20)]
    Membership.objects.bulk_create(Membership(chat=room, user=user) for user in people)
    return people


def test_all_rings_everybody_here_and_nobody_else(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "Tea for @all!")
    assert rung(message) == {"bob"}
    assert marked(message) == ["@all"]
    assert Notification.objects.get().kind == "mention"


def test_whoever_wants_to_hear_nothing_of_the_room_hears_not_of_all(room: Chat, alice: User, bob: User) -> None:
    room.membership_of(bob).set_level(Membership.Level.NOTHING)
    assert rung(room.post(alice, "@all")) == set()


@pytest.mark.parametrize("written", ["`@all`", "> @all", "\\@all", "@allison", "mail@all.example", "all"])
def test_what_does_not_name_everybody_rings_nobody(room: Chat, alice: User, written: str) -> None:
    message = room.post(alice, written)
    assert (rung(message), marked(message)) == (set(), [])


def test_all_and_a_name_ring_each_once(room: Chat, alice: User, bob: User, carol: User) -> None:
    message = room.post(alice, "@All and @carol, @bob too")
    assert rung(message) == {"bob", "carol"}
    assert marked(message) == ["@All", "@carol", "@bob"]
    assert rung(message) == {"bob", "carol"}
    assert Occurrence.objects.count() == 2


def test_an_edit_rings_nobody_by_all_but_keeps_what_was_rung(room: Chat, alice: User, bob: User) -> None:
    quiet, loud = room.post(alice, "hello"), room.post(alice, "hello @all")
    room.membership_of(bob).mark_read(2)
    quiet.edit("hello @all")
    loud.edit("good morning @all")
    assert (marked(quiet), marked(loud)) == ([], ["@all"])
    assert rung(quiet) == rung(loud) == set()


def test_a_former_member_is_not_rung(private: Chat, alice: User, bob: User) -> None:
    message = private.post(alice, "@all")
    private.release(bob)
    assert rung(message) == set()


def test_a_room_whose_owner_forbids_it_is_rung_by_its_owner_only(room: Chat, alice: User, bob: User) -> None:
    Chat.objects.filter(pk=room.pk).update(may_ring_all=False)
    room.refresh_from_db()
    assert rung(room.post(bob, "@all")) == set()
    assert rung(room.post(alice, "@all")) == {"bob"}
    answer = signed_in(bob).post(f"{room.get_absolute_url()}messages/", {"body": "@all hear me"}, headers=HTMX)
    assert answer.status_code == 422
    assert "only its owner may ring everybody" in answer.content.decode()
    assert "@all hear me" in answer.content.decode()
    assert room.messages.count() == 2


def test_who_rings_more_than_twenty_is_asked_first(room: Chat, alice: User, crowd: list[User]) -> None:
    client = signed_in(alice)
    address = f"{room.get_absolute_url()}messages/"
    for headers in ({}, HTMX):
        answer = client.post(address, {"body": "Tea for @all"}, headers=headers)
        assert answer.status_code == 422
        form = BeautifulSoup(answer.content, "html.parser").select_one("#composer")
        assert "@all rings 21 people." in form.select_one("[role=alert]").text
        assert form.select_one("textarea").text.strip() == "Tea for @all"
        assert form.select_one("[name=ring_all]")
    assert not room.messages.exists()
    sent = {field["name"]: field.get("value") or field.text.removeprefix("\n") for field in form.select("[name]")}
    assert client.post(address, sent).status_code == 303
    assert len(rung(room.messages.get())) == 21


def test_a_form_that_has_rung_and_comes_again_asks_nothing(room: Chat, alice: User, crowd: list[User]) -> None:
    client, address = signed_in(alice), f"{room.get_absolute_url()}messages/"
    form = {"body": "Tea for @all", "client_id": str(uuid.uuid4())}
    assert client.post(address, {**form, "ring_all": "yes"}).status_code == 303
    assert client.post(address, form).status_code == 303
    assert room.messages.count() == 1
    assert client.post(address, {**form, "client_id": "none"}).status_code == 422


def test_what_is_too_long_is_told_so_and_not_asked(room: Chat, alice: User, crowd: list[User]) -> None:
    answer = signed_in(alice).post(f"{room.get_absolute_url()}messages/", {"body": "@all " * 2001})
    assert answer.status_code == 422
    assert "too long" in answer.content.decode()
    assert "ring_all" not in answer.content.decode()


def test_twenty_are_rung_unasked_and_so_is_nobody_by_code(
    room: Chat, alice: User, bob: User, crowd: list[User]
) -> None:
    client, address = signed_in(alice), f"{room.get_absolute_url()}messages/"
    assert client.post(address, {"body": "see `@all`"}).status_code == 303
    room.release(bob)
    assert client.post(address, {"body": "Tea for @all"}).status_code == 303


def test_only_the_owner_says_who_may_ring_everybody(room: Chat, alice: User, bob: User, carol: User) -> None:
    address = f"{room.get_absolute_url()}ringing/"
    for other in (bob, carol):
        assert signed_in(other).post(address).status_code == 404
    assert signed_in(alice).post(address, follow=True).status_code == 200
    room.refresh_from_db()
    assert not room.may_ring_all
    page = signed_in(alice).get(f"{room.get_absolute_url()}members/").content.decode()
    assert "Members may ring everybody here" in page
    assert "Members may ring everybody" not in signed_in(bob).get(f"{room.get_absolute_url()}members/").content.decode()
    signed_in(alice).post(address, {"may_ring_all": "on"})
    room.refresh_from_db()
    assert room.may_ring_all


def test_all_is_proposed_to_who_may_use_it(room: Chat, alice: User, bob: User) -> None:
    def proposed(user: User) -> list[str]:
        answer = signed_in(user).get(f"{room.get_absolute_url()}mentions/", {"q": "al"})
        return [option["text"] for option in answer.json()["options"]]

    assert proposed(bob) == ["@alice", "@all"]
    Chat.objects.filter(pk=room.pk).update(may_ring_all=False)
    assert (proposed(bob), proposed(alice)) == (["@alice"], ["@all"])
