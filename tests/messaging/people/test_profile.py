"""Everybody who is signed in sees of the others what they say of themselves."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Chat, Profile, TimeZone
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
SETTINGS = "/accounts/profile/"


def page(user: User, path: str) -> BeautifulSoup:
    answer = signed_in(user).get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def text(user: User, path: str) -> str:
    return " ".join(page(user, path).main.text.split())


def test_a_profile_shows_what_somebody_says_of_themselves(alice: User, bob: User) -> None:
    client = signed_in(alice)
    fields = {"first_name": "Alice", "title": "Head of <b>kites</b>", "pronouns": "she/her", "time_zone": "Asia/Tokyo"}
    assert client.post(SETTINGS, fields).status_code == 303
    shown = text(bob, f"/people/{alice.pk}/")
    there = timezone.localtime(timezone=alice.time_zone.known)
    for part in ("Alice", "@alice", "Head of <b>kites</b>", "she/her", f"It is {there:%H:}", "Asia/Tokyo"):
        assert part in shown
    assert page(alice, SETTINGS).select_one("[name=pronouns]")["value"] == "she/her"
    assert "Head of" in text(bob, "/people/")


def test_who_has_said_nothing_has_a_page_as_well(alice: User, bob: User) -> None:
    shown = text(alice, f"/people/{bob.pk}/")
    assert "Bob" in shown
    assert "It is" not in shown
    assert page(alice, f"/people/{bob.pk}/").select_one("[action='/chats/direct/'] [name=people]")["value"] == "bob"


def test_a_text_too_long_stays_in_the_form(alice: User) -> None:
    answer = signed_in(alice).post(SETTINGS, {"first_name": "Alice", "title": "x" * 81})
    assert answer.status_code == 422
    assert "x" * 81 in answer.content.decode()
    assert not Profile.objects.exists()


def test_only_those_who_are_listed_have_one(alice: User, bob: User) -> None:
    assert Client().get(f"/people/{alice.pk}/").status_code == 302
    assert signed_in(bob).get("/people/999999/").status_code == 404
    alice.is_active = False
    alice.save()
    assert signed_in(bob).get(f"/people/{alice.pk}/").status_code == 404


def test_the_menu_of_a_message_leads_to_its_author(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "Hello")
    menu = BeautifulSoup(signed_in(bob).get(f"/messages/{message.pk}/menu/").content, "html.parser")
    assert menu.select_one(f"[href='/people/{alice.pk}/']").text.strip() == "Profile of Alice"


def test_people_cost_no_query_each(alice: User, bob: User) -> None:
    client = signed_in(alice)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/people/").status_code == 200
        return len(queries)

    cost()
    few = cost()
    crowd: list[Any] = [User.objects.create_user(f"person{number}") for number in range(9)]
    Profile.objects.bulk_create(Profile(user=user, title="Kites", emoji="🎉") for user in crowd)
    TimeZone.objects.bulk_create(TimeZone(user=user, said="Asia/Tokyo") for user in crowd)
    assert cost() == few
