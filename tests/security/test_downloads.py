"""S34: an export is its owner's alone, is no page of the site, and no address leads to another file."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging import tasks
from messaging.exports import files
from messaging.models import Chat
from notifications.models import Job
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = [
    "../{}", "..%2f{}", "%2e%2e/{}", "....//{}", "..\\{}", "{}/../../{}", "{}.zip", "{}%2f..%2f{}", "-{}", "+{}",
    "0x{}", "{}e0", "0", "/etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "9" * 40,
]  # fmt: skip


@pytest.fixture
def exported(room: Chat, alice: User) -> Job:
    room.post(alice, "for members only")
    job = files.start(alice, room)
    tasks.export_chat(job.pk, room.pk)
    job.refresh_from_db()
    return job


def test_only_who_has_asked_for_it_finds_it(exported: Job, bob: User, carol: User, client: Client) -> None:
    somebody = User.objects.create_superuser("dave")
    answers = [signed_in(user).get(exported.result_url).status_code for user in (exported.user, bob, carol, somebody)]
    assert answers == [200, 404, 404, 404]
    assert client.get(exported.result_url)["Location"].startswith("/accounts/login/")


def test_with_the_room_goes_the_right_to_what_was_exported_of_it(exported: Job, room: Chat, bob: User) -> None:
    room.release(exported.user)
    assert [signed_in(user).get(exported.result_url).status_code for user in (exported.user, bob)] == [404, 404]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Content-Type", "application/zip"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ],
)
def test_a_browser_takes_it_for_a_file_and_nothing_else(exported: Job, header: str, value: str) -> None:
    answer = signed_in(exported.user).get(exported.result_url)
    assert answer[header] == value
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "name", ['a"; filename="b.html', "a\r\nSet-Cookie: b=c", "../../b", "C:\\b", "b\x01.html", "\u202egnp.b"]
)
def test_no_name_of_a_room_changes_the_answer_or_the_place(exported: Job, room: Chat, name: str) -> None:
    Chat.objects.filter(pk=room.pk).update(name=name)
    answer: Any = signed_in(exported.user).get(exported.result_url)
    assert answer.status_code == 200
    said = answer["Content-Disposition"]
    assert not {*map(chr, range(32)), "/", "\\"} & set(said)
    assert set(answer.cookies) <= {"sessionid", "csrftoken"}


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_address_leads_to_another_file(exported: Job, address: str) -> None:
    path = f"/exports/{address.format(*[exported.pk] * 2)}/"
    assert signed_in(exported.user).get(path).status_code == 404
