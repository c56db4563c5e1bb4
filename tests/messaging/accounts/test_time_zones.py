"""Everybody's own clock: said by their browser, changed in their profile, used by whatever they see."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from messaging.accounts.time_zones import places
from messaging.models import Chat, TimeZone
from notifications.announcements import zones
from notifications.models import Notification
from notifications.push import EVERYBODY, append, notify, push
from notifications.testing import Event, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

SAY = "/accounts/time-zone/"
PROFILE = "/accounts/profile/"
OLD = ["Asia/Calcutta", "Europe/Kiev", "US/Pacific", "Asia/Saigon", "America/Buenos_Aires", "Etc/GMT+5", "+05:30"]


def said(client: Client, zone: str) -> Client:
    assert client.post(SAY, {"time_zone": zone}).status_code == 204
    return client


def choose(client: Client, zone: str) -> Any:
    return client.post(PROFILE, {"first_name": "Alice", "time_zone": zone})


def page(client: Client, path: str = PROFILE) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).content, "html.parser")


def shown_time(client: Client, message: Any) -> str:
    return page(client, message.get_absolute_url()).select_one("main time").text


def test_pages_say_what_the_browser_has_said_and_where_it_says_more(alice: User) -> None:
    client = signed_in(alice)
    script = page(client).select_one("script[src*=time_zone]")
    assert (script["data-said"], script["data-say"]) == ("", SAY)
    said(client, "Europe/Berlin")
    assert page(client).select_one("script[src*=time_zone]")["data-said"] == "Europe/Berlin"
    assert not page(client).html.has_attr("data-time-zone"), "it goes on by its own clock"


@pytest.mark.parametrize("zone", ["", " ", "x" * 65, "a b", "<b>", "Europe/Berlin\n", "\0"])
def test_what_is_no_name_is_not_kept(alice: User, zone: str) -> None:
    assert signed_in(alice).post(SAY, {"time_zone": zone}).status_code == 422
    assert not TimeZone.objects.exists()


def test_only_who_is_signed_in_says_it_and_by_a_form(alice: User) -> None:
    assert Client().post(SAY, {"time_zone": "UTC"}).status_code == 302
    assert signed_in(alice).get(SAY).status_code == 405
    assert not TimeZone.objects.exists()


@pytest.mark.parametrize("zone", OLD)
def test_old_names_of_zones_are_taken(alice: User, room: Chat, zone: str) -> None:
    client = said(signed_in(alice), zone)
    assert f"which is {zone}." in page(client).text
    message = room.post(alice, "Hello")
    local = message.created_at.astimezone(zones.find(zone))
    assert shown_time(client, message).startswith(f"{local.day} {local:%b %Y, %H:%M}")


def test_times_of_pages_are_by_ones_own_clock(alice: User, bob: User, carol: User, room: Chat) -> None:
    message = room.post(alice, "Hello")
    type(message).objects.update(created_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    berlin, tokyo = said(signed_in(alice), "Europe/Berlin"), said(signed_in(bob), "Asia/Tokyo")
    assert shown_time(berlin, message) == "1 Jul 2026, 01:30 CEST"
    assert shown_time(tokyo, message) == "1 Jul 2026, 08:30 JST"
    assert shown_time(signed_in(carol), message) == "30 Jun 2026, 23:30 UTC"
    for client in (berlin, tokyo):
        time = page(client, message.get_absolute_url()).select_one("main time")
        assert time["datetime"] == "2026-06-30T23:30:00Z", "one for all, and no more digits than HTML takes"


def test_the_zone_of_one_request_is_not_that_of_the_next(alice: User, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Lisbon"
    said(signed_in(alice), "Asia/Tokyo").get("/")
    assert timezone.get_current_timezone_name() == "Europe/Lisbon"
    with timezone.override("America/Lima"):
        signed_in(alice).get("/no/such/page/")
        assert timezone.get_current_timezone_name() == "America/Lima"


@pytest.mark.django_db(transaction=True)
async def test_nor_is_it_where_requests_are_asynchronous(alice: User) -> None:
    client = AsyncClient()
    await client.aforce_login(alice)
    assert (await client.post(SAY, {"time_zone": "Asia/Tokyo"})).status_code == 204
    assert (await client.get(PROFILE)).status_code == 200
    assert timezone.get_current_timezone_name() == "UTC"


def test_what_is_pushed_to_others_does_not_tell_where_its_author_lives(
    alice: User, room: Chat, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    client = said(signed_in(alice), "Asia/Tokyo")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/chats/{room.pk}/messages/", {"body": "Hello", "client_id": "0" * 32})
    [message] = assert_pushed(pushes, f"chat.{room.pk}", ".message")
    assert message.time.text.endswith(" UTC")


def test_nor_does_what_a_verb_or_a_template_pushes(
    alice: User, room: Chat, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    context = {"time": timezone.now()}
    with timezone.override("Asia/Tokyo"), django_capture_on_commit_callbacks(execute=True):
        append(room, "#times", "notifications/_time.html", context)
        push(EVERYBODY, "notifications/_time.html", context)
        assert timezone.get_current_timezone_name() == "Asia/Tokyo", "whose page is rendered after that"
    assert [event["html"].count(" UTC</time>") for event in pushes] == [1, 1]


@pytest.mark.parametrize(
    ("zone", "until", "now", "then"),
    [
        ("America/New_York", "tomorrow", "2026-11-29 01:30", "2026-11-29 14:00"),
        ("America/New_York", "tomorrow", "2026-11-29 05:30", "2026-11-30 14:00"),
        ("Asia/Tokyo", "tomorrow", "2026-11-29 14:59", "2026-11-30 00:00"),
        ("Asia/Tokyo", "tomorrow", "2026-11-29 15:00", "2026-12-01 00:00"),
        ("Asia/Tokyo", "monday", "2026-11-29 15:00", "2026-12-07 00:00"),
        ("Asia/Tokyo", "monday", "2026-11-29 14:59", "2026-11-30 00:00"),
        ("Europe/Berlin", "tomorrow", "2026-10-24 12:00", "2026-10-25 08:00"),
        ("Europe/Berlin", "hour", "2026-10-25 00:30", "2026-10-25 01:30"),
        ("Europe/Berlin", "tomorrow", "2027-03-27 12:00", "2027-03-28 07:00"),
        ("Australia/Lord_Howe", "monday", "2026-10-03 12:00", "2026-10-04 22:00"),
        ("+05:30", "tomorrow", "2026-11-29 12:00", "2026-11-30 03:30"),
    ],
)
def test_it_comes_back_by_ones_own_clock(
    alice: User, monkeypatch: pytest.MonkeyPatch, zone: str, until: str, now: str, then: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
    client = said(signed_in(alice), zone)
    notify(alice, "wake me")
    [row] = Notification.objects.all()
    client.post(f"/notifications/{row.pk}/snoozing/", {"until": until})
    row.refresh_from_db()
    assert f"{row.snoozed_until:%Y-%m-%d %H:%M}" == then


def test_a_zone_of_ones_choice_is_kept_whatever_the_browser_says(alice: User, room: Chat) -> None:
    client = said(signed_in(alice), "Asia/Tokyo")
    assert choose(client, "europe/berlin").status_code == 303
    said(client, "America/Lima")
    shown = page(client)
    assert shown.select_one("[name=time_zone]")["value"] == "Europe/Berlin"
    assert shown.html["data-time-zone"] == "Europe/Berlin", "scripts show times by it, too"
    assert "as your browser says, which is America/Lima" in shown.text
    message = room.post(alice, "Hello")
    assert shown_time(client, message).split()[-1] in {"CET", "CEST"}
    choose(client, "")
    assert shown_time(client, message).endswith("-05")
    assert not page(client).html.has_attr("data-time-zone")


@pytest.mark.parametrize(("typed", "advice"), [("Berlin", "Europe/Berlin?"), ("india", "Perhaps Asia/Kolkata")])
def test_who_types_a_place_is_told_its_zone(alice: User, typed: str, advice: str) -> None:
    refused = choose(signed_in(alice), typed)
    shown = BeautifulSoup(refused.content, "html.parser")
    assert refused.status_code == 422
    assert f"There is no time zone “{typed}”." in shown.text
    assert advice in shown.text
    assert shown.select_one("[name=time_zone]")["value"] == typed


@pytest.mark.parametrize("typed", ["Mars/Olympus", "<i>x</i>", "x" * 65, "+99:00"])
def test_a_zone_that_there_is_not_is_refused_with_what_was_typed_kept(alice: User, typed: str) -> None:
    refused = choose(signed_in(alice), typed)
    assert refused.status_code == 422
    assert BeautifulSoup(refused.content, "html.parser").select_one("[name=time_zone]")["value"] == typed
    assert not TimeZone.objects.exists()


def test_every_zone_of_the_list_can_be_chosen(alice: User) -> None:
    options = [str(option["value"]) for option in page(signed_in(alice)).select("datalist#time-zones option")]
    assert len(options) > 400
    assert [each for each in options if str(zones.find(each)) != each] == []
    assert places()["Asia/Kolkata"] == "India"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Etc/Unknown", "Europe/Atlantis"])
def test_what_nobody_knows_is_the_sites_zone_and_the_profile_says_so(alice: User, settings: Any, zone: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    client = said(signed_in(alice), zone)
    for path in ("/", "/notifications/", PROFILE):
        assert client.get(path).status_code == 200
    assert f"Your browser says “{zone}”, which is not known here." in page(client).text
    assert "the site's, Europe/Berlin" in page(client).text


def test_a_choice_that_is_known_no_more_is_the_sites_zone(alice: User, room: Chat) -> None:
    TimeZone.objects.create(user=alice, chosen="Europe/Atlantis", said="Asia/Tokyo")
    client = signed_in(alice)
    assert shown_time(client, room.post(alice, "Hello")).endswith(" UTC")
    assert page(client).select_one("[name=time_zone]")["value"] == "Europe/Atlantis"


def test_ones_zone_costs_a_page_no_query(alice: User, bob: User) -> None:
    clients = [signed_in(alice), said(signed_in(bob), "Asia/Tokyo")]
    counts = []
    for client in clients:
        client.get("/notifications/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/notifications/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_no_database_converts_times_by_rules_of_its_own(alice: User, room: Chat) -> None:
    """PostgreSQL has rules of time zones as old as its machine's; ranges of days are made here instead."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = said(signed_in(alice), "America/Vancouver")
    notify(alice, "x")
    names = ["home", "notifications:inbox", "notifications:announcements", "notifications:jobs", "devices", "own-chats"]
    paths = [f"/chats/{room.pk}/", *map(reverse, names)]
    paths += [f"/admin/{path}/" for path in ("auth/user", "messaging/chat", "notifications/notification")]
    with CaptureQueriesContext(connection) as queries:
        assert {client.get(path).status_code for path in paths} == {200}
    assert len(queries) > len(paths)
    asked = " ".join(query["sql"] for query in queries)
    assert "AT TIME ZONE" not in asked
    assert "django_datetime" not in asked
