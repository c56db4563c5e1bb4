"""Notifications for programs: whom they may tell, and that nobody is told twice."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from notifications.models import Notification
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


def told(user: User) -> list[tuple[str, str, int]]:
    return list(Notification.objects.filter(inbox__user=user).values_list("text", "url", "count"))


@pytest.fixture
def staff(alice: User) -> User:
    alice.is_staff = True
    alice.save()
    return alice


def test_a_program_tells_its_own_person(bob: User) -> None:
    answer = Program(bob).post("notifications", text="Backup finished", url="/backups/7/")
    assert (answer.status_code, answer.json()) == (201, {"told": 1})
    assert told(bob) == [("Backup finished", "/backups/7/", 1)]


def test_one_of_staff_tells_others(staff: User, bob: User, carol: User) -> None:
    assert Program(staff).post("notifications", text="Backup", to=["bob", "carol"]).json() == {"told": 2}
    assert told(bob) == told(carol) == [("Backup", "", 1)]
    assert told(staff) == []


def test_so_does_one_of_who_has_the_right_and_nobody_else(bob: User, carol: User) -> None:
    assert "by staff" in problem(Program(bob).post("notifications", text="Hello", to=["carol"]), 403)
    bob.user_permissions.add(Permission.objects.get(codename="add_notification"))
    assert Program(bob).post("notifications", text="Hello", to=["carol"]).status_code == 201
    assert told(carol) == [("Hello", "", 1)]


def test_the_same_key_tells_once_and_a_subject_is_one_line(bob: User) -> None:
    program = Program(bob)
    assert [program.post("notifications", key="7", text="Disk full").json()["told"] for _ in range(2)] == [1, 0]
    for number in range(2):
        program.post("notifications", text=f"Disk {number}", subject="disk")
    assert sorted(told(bob)) == [("Disk 1", "", 2), ("Disk full", "", 1)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": " "},
        {"text": "a\0b"},
        {"text": "Hi", "url": "javascript:alert(1)"},
        {"text": "Hi", "url": "x" * 501},
        {"text": "Hi", "to": []},
        {"text": "Hi", "to": ["nobody"]},
        {"text": "Hi", "to": "bob"},
        {"text": "Hi", "subject": "x" * 51},
    ],
)
def test_what_is_no_notification_is_refused(staff: User, fields: dict[str, Any]) -> None:
    assert problem(Program(staff).post("notifications", **fields), 422)
    assert not Notification.objects.exists()


def test_too_many_people_in_too_short_a_time(staff: User, bob: User, carol: User, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "notifications": "3/1m"}
    program = Program(staff)
    answers = [program.post("notifications", text="Hi", to=["bob", "carol"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 429]
