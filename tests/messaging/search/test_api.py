"""Search for programs: what they find, as whom, and page by page."""

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat
from tests.program import Program, problem

pytestmark = pytest.mark.django_db


def test_a_program_finds_what_its_person_may_read(private: Chat, alice: User, carol: User) -> None:
    numbers = [private.post(alice, f"apple {number}").number for number in range(3)]
    first = Program(alice).get("search?q=apple&limit=2").json()
    assert [message["number"] for message in first["messages"]] == numbers[:0:-1]
    rest = Program(alice).get(f"search?q=apple&limit=2&before={first['before']}").json()
    assert [message["text"] for message in rest["messages"]] == ["apple 0"]
    assert (rest["before"], rest["unknown"], rest["gave_up"]) == (None, [], False)
    assert Program(carol).get("search?q=apple").json()["messages"] == []


def test_it_says_which_names_nobody_has(private: Chat, alice: User) -> None:
    said = Program(alice).get("search?q=from:nobody%20apple").json()
    assert (said["messages"], said["unknown"]) == ([], ["nobody"])


def test_only_who_may_read_searches(private: Chat, alice: User) -> None:
    assert problem(Program(alice, "write").get("search?q=apple"), 403)
    assert problem(Program(alice).get("search?q=apple&before=x"), 422)
