"""Jobs for programs: work elsewhere is shown, advanced, stopped and ended, by whoever has started it alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from notifications.jobs import upkeep
from notifications.models import Job
from notifications.testing import Event
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(bob: User) -> Program:
    return Program(bob)


def started(program: Program, **more: Any) -> str:
    answer = program.post("jobs", title="Nightly build", **more)
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "running"
    return f"jobs/{answer.json()['id']}"


def test_a_job_advances_on_its_owners_pages_and_ends(
    program: Program, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        address = started(program, total=4)
        half = program.patch(address, done=2, log="Compiled").json()
        assert program.patch(address, log="Tested").json()["log"] == ["Compiled", "Tested"]
        done = program.patch(address, done=4, state="succeeded", result_url="/builds/7/", result_label="See it").json()
    assert (half["done"], half["total"], half["state"]) == (2, 4, "running")
    assert (done["state"], done["result_url"]) == ("succeeded", "/builds/7/")
    assert done["ended_at"]
    shown = "".join(str(event) for event in pushes if event["group"] == f"user.{bob.pk}")
    assert "Nightly build" in shown
    assert "See it" in shown


def test_the_end_can_be_said_twice_but_no_other_one(program: Program) -> None:
    address = started(program)
    for _ in range(2):
        assert program.patch(address, state="failed", error="No space left").json()["error"] == "No space left"
    for report in ({"done": 1}, {"state": "succeeded"}):
        assert "has ended" in problem(program.patch(address, **report), 409)
    assert program.get(address).json()["state"] == "failed"


def test_it_hears_that_its_owner_wants_no_more_of_it(program: Program, bob: User) -> None:
    address = started(program)
    assert not program.patch(address, done=1).json()["is_cancelled"]
    bob.jobs.cancel(Job.objects.get().pk)
    assert program.patch(address, done=2).json()["is_cancelled"]
    assert program.patch(address, state="cancelled").json()["state"] == "cancelled"


def test_one_that_says_nothing_for_longer_than_it_said_is_lost(program: Program) -> None:
    address = started(program, silence=600)
    upkeep.end_lost(Job.objects.none())
    assert program.get(address).json()["state"] == "running"
    job = Job.objects.get()
    assert job.elapsed < timedelta(minutes=1)
    assert job.alive_at
    Job.objects.update(alive_at=job.alive_at - timedelta(seconds=600))
    upkeep.end_lost(Job.objects.none())
    assert program.get(address).json()["state"] == "failed"
    assert problem(program.patch(address, done=1), 409)


def test_only_who_has_started_a_job_reports_of_it(program: Program, bob: User, carol: User) -> None:
    address = started(program)
    own = Job.objects.create(user=bob, title="A task", state="running", started_at=timezone.now())
    for other, where in ((Program(carol), address), (program, f"jobs/{own.pk}"), (Program(carol), f"jobs/{own.pk}")):
        assert problem(other.get(where), 404)
        assert problem(other.patch(where, state="failed"), 404)


def test_one_of_staff_shows_a_job_to_somebody_else(program: Program, alice: User, bob: User) -> None:
    assert "by staff" in problem(program.post("jobs", title="Build", user="alice"), 403)
    alice.is_staff = True
    alice.save()
    address = started(Program(alice), user="bob")
    assert Job.objects.get().user == bob
    assert Program(alice).patch(address, done=3).json()["done"] == 3
    assert problem(program.patch(address, done=4), 404)


def test_the_same_key_starts_one_job(program: Program) -> None:
    assert len({started(program, key="build-7") for _ in range(2)}) == 1
    assert Job.objects.count() == 1
    assert started(program, key="build-8")
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": ""},
        {"title": "a\0"},
        {"title": "x", "total": -1},
        {"title": "x", "total": 2**63},
        {"title": "x", "silence": 5},
    ],
)
def test_what_is_no_job_is_refused(program: Program, fields: dict[str, Any]) -> None:
    assert problem(program.post("jobs", **fields), 422)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "report",
    [
        {"done": -1},
        {"done": "1"},
        {"done": 2**63},
        {"state": "waiting"},
        {"result_url": "javascript:1"},
        {"log": "\ud800"},
    ],
)
def test_what_is_no_report_is_refused(program: Program, report: dict[str, Any]) -> None:
    address = started(program)
    assert problem(program.patch(address, **report), 422)
