"""S1 to S5: at every address, also those that are added tomorrow, nobody gets or changes what is not theirs."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern
from pytest_django import DjangoDbBlocker

from messaging.models import Chat
from tests.conftest import signed_in
from tests.security import everything
from tests.security.everything import OPEN, SECRET, address, named, snapshot

pytestmark = pytest.mark.django_db

NAMED = dict(named())
WITH_OBJECT = {name: pattern for name, pattern in NAMED.items() if pattern.pattern.regex.groups and name not in OPEN}
HTMX = {"HX-Request": "true"}
FORM: dict[str, Any] = {
    "body": "changed",
    "name": "changed",
    "people": "carol",
    "level": "nothing",
    "number": "1",
    "title": "changed",
    "hours": "1",
    "delete": "yes",
    "is_owner": "on",
    "is_staff": "on",
    "author": "1",
}


@pytest.fixture(scope="module")
def found(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, dict[str, Any]]]:
    """One of everything that is alice's and bob's, and not carol's; what a test changes of it is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        alice, bob, _ = (User.objects.create_user(name) for name in ("alice", "bob", "carol"))
        private = Chat.objects.start(alice, "Launch", Chat.Kind.PRIVATE)
        private.admit(bob)
        with override_settings(ACCOUNT_RATE_LIMITS=False):
            things = everything.things(private, alice, bob)
        yield things
        transaction.set_rollback(True)


@pytest.fixture
def bob(found: dict[str, dict[str, Any]]) -> User:
    return User.objects.get(username="bob")


@pytest.fixture
def carol(found: dict[str, dict[str, Any]]) -> User:
    return User.objects.get(username="carol")


def test_the_list_is_whole() -> None:
    assert len(NAMED) > 70
    assert {"chat", "message", "export", "notifications:announcement"} <= WITH_OBJECT.keys()
    assert NAMED.keys() >= OPEN


@pytest.mark.parametrize(("name", "pattern"), [(n, p) for n, p in NAMED.items() if n not in OPEN])
def test_who_is_not_signed_in_sees_no_page(found: dict[str, dict[str, Any]], name: str, pattern: URLPattern) -> None:
    path, before = address(name, pattern, found), snapshot()
    for answer in (Client().get(path), Client().post(path, FORM)):
        assert answer.status_code in {302, 303, 401, 404, 405, 410}, name
        if answer.status_code in {302, 303}:
            assert answer["Location"].startswith("/accounts/login/")
        assert SECRET not in answer.content.decode()
    by_htmx = Client(headers=HTMX).get(path)
    assert by_htmx.status_code in {302, 303, 401, 404, 405} or by_htmx["HX-Redirect"].startswith("/accounts/login/")
    assert snapshot() == before


@pytest.mark.parametrize(("name", "pattern"), WITH_OBJECT.items())
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_outsider_finds_nothing_and_changes_nothing(
    found: dict[str, dict[str, Any]], carol: User, name: str, pattern: URLPattern, headers: dict[str, str]
) -> None:
    client, path = signed_in(carol), address(name, pattern, found)
    client.get("/", headers=headers)
    before = snapshot()
    answers = [client.generic(method, path, headers=headers) for method in ("GET", "HEAD", "DELETE", "PUT", "PATCH")]
    for answer in [*answers, client.post(path, FORM, headers=headers)]:
        assert answer.status_code in {302, 303, 401, 403, 404, 405, 410}, f"{name}: {answer.status_code}"
        assert answer.status_code not in {302, 303} or answer["Location"].startswith("/accounts/reauthenticate/")
        assert SECRET not in answer.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize(("name", "pattern"), NAMED.items())
def test_no_form_is_taken_without_its_token(
    found: dict[str, dict[str, Any]], bob: User, name: str, pattern: URLPattern
) -> None:
    client, path = Client(enforce_csrf_checks=True), address(name, pattern, found)
    client.force_login(bob)
    client.get("/")
    before = snapshot()
    foreign = {"Origin": "https://evil.example"}
    for form, headers in ((FORM, {}), ({**FORM, "csrfmiddlewaretoken": "x" * 64}, {}), (FORM, foreign)):
        answer = client.post(path, form, headers=headers)
        # Who has signed in by now is led on from the pages of those who have not.
        assert answer.status_code in ({303, 302, 403} if name in OPEN else {401, 403, 404, 405, 410})
    assert snapshot() == before
