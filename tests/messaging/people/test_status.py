"""How somebody is just now: shown to all, for as long as they say, and pushed to who looks."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.utils import timezone

from messaging.models import Chat, Profile
from messaging.people.forms import ending
from notifications.testing import assert_not_pushed, assert_pushed, captured_pushes
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
STATUS = "/people/status/"


def say(user: User, **fields: str) -> Any:
    return signed_in(user).post(STATUS, fields)


def shown(user: User, path: str, of: User) -> str:
    page = BeautifulSoup(signed_in(user).get(path).content, "html.parser")
    (status,) = page.select(f"[data-status='{of.pk}']")
    return " ".join(status.text.split())


def test_a_status_is_shown_where_the_person_is(two: Chat, alice: User, bob: User) -> None:
    assert say(alice, emoji="🌴", status="On <i>leave</i>", end="week").status_code == 303
    for path in (f"/people/{alice.pk}/", "/people/", two.get_absolute_url()):
        assert shown(bob, path, alice) == "🌴 On <i>leave</i>"


def test_it_is_pushed_once_to_who_looks_and_to_nobody_else(
    two: Chat, private: Chat, alice: User, bob: User, carol: User
) -> None:
    other = Chat.objects.direct([bob, carol])
    group = Chat.objects.direct([alice, bob, carol])
    with captured_pushes() as pushes:
        say(alice, status="At lunch", end="30m")
    for place in (f"members.{two.pk}", "presence.0"):
        (status,) = assert_pushed(pushes, place, "#status-news")
        assert (status["data-person"], status.text.strip()) == (str(alice.pk), "At lunch")
        assert status["data-until"]
    for chat in (other, group, private):
        assert_not_pushed(pushes, f"members.{chat.pk}", "#status-news")


def test_it_is_cleared_by_one_click(alice: User, bob: User) -> None:
    say(alice, status="At lunch")
    assert "Clear the status" in signed_in(alice).get(f"/people/{alice.pk}/").content.decode()
    with captured_pushes() as pushes:
        assert say(alice, clear="1").status_code == 303
    assert shown(bob, f"/people/{alice.pk}/", alice) == ""
    assert [status.text for status in assert_pushed(pushes, "presence.0", "#status-news")] == [""]


def test_what_has_ended_is_not_shown(alice: User, bob: User) -> None:
    say(alice, status="At lunch", end="30m")
    Profile.objects.update(status_until=timezone.now() - timedelta(seconds=1))
    assert shown(bob, "/people/", alice) == ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "Choose an emoji or write a few words."),
        ({"emoji": "x", "status": "kept text"}, "Choose one emoji."),
        ({"status": "kept text" + "x" * 100}, "at most 100"),
        ({"status": "kept text", "end": "never"}, "valid choice"),
        ({"status": "kept text\0"}, "Null characters"),
    ],
)
def test_what_is_no_status_is_refused_and_stays_in_the_form(alice: User, fields: dict[str, str], reason: str) -> None:
    answer = say(alice, **fields)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert fields.get("status", "").rstrip("\0") in answer.content.decode()
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("choice", "end"),
    [
        ("", None),
        ("30m", "2026-11-25T23:30"),
        ("1h", "2026-11-26T00:00"),
        ("today", "2026-11-26T00:00"),
        ("week", "2026-11-30T00:00"),
    ],
)
def test_it_ends_by_the_persons_own_clock(choice: str, end: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 25, 23, 0, tzinfo=tokyo))
    with timezone.override(tokyo):
        assert ending(choice) == (end and datetime.fromisoformat(end).replace(tzinfo=tokyo))
