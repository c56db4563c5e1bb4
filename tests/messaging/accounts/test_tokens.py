"""The page of one's programs: a token is made, shown once, listed and revoked, by its owner alone."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from notifications.models import Token
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
FIELDS = {"name": "CI", "scopes": ["read", "write"], "days": "90"}


@pytest.fixture
def browser(alice: User) -> Client:
    """One in which alice has just given her password."""
    alice.set_password("correct horse battery")
    alice.save()
    client = signed_in(alice)
    asked = client.get("/accounts/tokens/new/")
    client.post(asked["Location"], {"password": "correct horse battery"})
    return client


def make(client: Client, **fields: Any) -> Any:
    return client.post("/accounts/tokens/new/", {**FIELDS, **fields})


def test_a_token_is_made_shown_once_and_revoked(browser: Client, alice: User) -> None:
    page = make(browser)
    assert page.status_code == 200
    secret = re.search(r"bw_[\w-]+", page.content.decode())
    assert secret
    token = Token.objects.find(secret[0])
    assert (token.user, token.name, token.scopes) == (alice, "CI", ["read", "write"])
    assert token.expires_at
    listed = browser.get("/accounts/tokens/").content.decode()
    assert "CI" in listed
    assert secret[0] not in listed
    assert token.digest not in listed
    assert browser.post(f"/accounts/tokens/{token.pk}/ending/").status_code == 303
    assert Token.objects.find(secret[0]) is None


def test_nobody_elses_token_is_seen_or_revoked(alice: User, bob: User) -> None:
    token, _ = Token.objects.issue(alice, "Her CI", ["read"])
    assert "Her CI" not in signed_in(bob).get("/accounts/tokens/").content.decode()
    assert signed_in(bob).post(f"/accounts/tokens/{token.pk}/ending/").status_code == 404
    assert Client().get("/accounts/tokens/").status_code == 302
    assert Token.objects.exists()


def test_whoever_finds_a_browser_open_makes_none(alice: User) -> None:
    alice.set_password("correct horse battery")
    alice.save()
    client = signed_in(alice)
    for answer in (client.get("/accounts/tokens/new/"), make(client)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Token.objects.exists()


def test_only_staff_are_offered_to_announce(browser: Client, alice: User) -> None:
    def offered() -> list[str]:
        page = BeautifulSoup(browser.get("/accounts/tokens/new/").content, "html.parser")
        return [str(box["value"]) for box in page.select("[name=scopes]")]

    assert offered() == ["read", "write", "notify", "jobs"]
    assert make(browser, scopes=["announce"]).status_code == 422
    alice.is_staff = True
    alice.save()
    assert offered()[-1] == "announce"


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"scopes": []}, {"scopes": ["x"]}, {"days": "7"}, {"name": "a\u202e"}]
)
def test_what_is_no_token_is_refused(browser: Client, fields: dict[str, Any]) -> None:
    assert make(browser, **fields).status_code == 422
    assert not Token.objects.exists()
