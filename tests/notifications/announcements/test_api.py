"""Announcements for programs: by staff alone, by the rules of the page."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from notifications.models import Announcement
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(alice: User) -> Program:
    alice.is_staff = True
    alice.save()
    return Program(alice)


def test_staff_announce_now_and_later(program: Program) -> None:
    assert program.post("announcements", to="all", title="Maintenance tonight").json()["title"] == "Maintenance tonight"
    at = timezone.now().replace(microsecond=0) + timedelta(days=1)
    said = program.post("announcements", to="all", title="Again", text="**Soon**", at=at.isoformat(), every="week")
    assert said.status_code == 201
    made = Announcement.objects.get(pk=said.json()["id"])
    assert (made.first_at, made.every, made.html) == (at, "week", "<p><strong>Soon</strong></p>\n")


def test_nobody_else_does(bob: User) -> None:
    assert problem(Program(bob).post("announcements", to="all", title="Hello"), 403)
    assert not Announcement.objects.exists()


def test_the_same_key_announces_once(program: Program) -> None:
    answers = [program.post("announcements", key="7", to="all", title="Once").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Announcement.objects.count() == 1
    assert problem(program.post("announcements", key="7", to="all", title="Twice"), 422)


@pytest.mark.parametrize(
    "more",
    [
        {"to": "chat.99"},
        {"to": "everybody"},
        {"title": " "},
        {"title": "a\u202e"},
        {"text": "\0"},
        {"at": "2020-01-01T00:00:00Z"},
        {"at": "2026-12-24T09:00:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-18:47"},
        {"at": 5},
        {"at": "5"},
        {"every": "hour"},
        {"remind_hours": 4},
        {"remind_hours": 0, "must_acknowledge": True},
        {"must_acknowledge": "yes"},
    ],
)
def test_what_is_no_announcement_is_refused(program: Program, more: dict[str, Any]) -> None:
    assert problem(program.post("announcements", **{"to": "all", "title": "Hello", **more}), 422)
    assert not Announcement.objects.exists()
