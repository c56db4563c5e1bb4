"""Tokens: what a program signs in by, for how long, and that nobody can read a secret out of the database."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.serializers import serialize
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Token
from notifications.testing import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(alice: User) -> tuple[Token, str]:
    return Token.objects.issue(alice, "CI", ["write", "read"])


def test_a_secret_opens_what_its_token_is_good_for(issued: tuple[Token, str], alice: User) -> None:
    _, secret = issued
    found = Token.objects.find(secret)
    assert (found.user, found.name, found.scopes) == (alice, "CI", ["read", "write"])
    assert found.has("read")
    assert not found.has("notify")


def test_a_secret_can_stand_in_a_subprotocol_and_is_kept_nowhere(issued: tuple[Token, str]) -> None:
    token, secret = issued
    assert re.fullmatch(r"bw_[A-Za-z0-9_-]{40,}", secret)
    assert secret not in serialize("json", [Token.objects.get(pk=token.pk)])
    assert secret[3:] not in serialize("json", [token])


def used(secret: str) -> Any:
    """Use a token, and return when that was noted last."""
    return Token.objects.find(secret).last_used_at


@pytest.mark.parametrize("secret", ["", "bw_", "bw_" + "x" * 43, "bw_ä", "bw_\0", "bw_" + "x" * 100_000, "\ud800"])
def test_what_is_no_secret_finds_nothing(issued: tuple[Token, str], secret: str) -> None:
    assert Token.objects.find(secret) is None
    assert Token.objects.find(issued[1] + secret[-1:] + "x") is None
    assert Token.objects.find(issued[0].digest) is None


def test_one_that_is_expired_opens_nothing(alice: User) -> None:
    token, secret = Token.objects.issue(alice, "", ["read"], timezone.now() + timedelta(hours=1))
    assert Token.objects.find(secret) == token
    assert not token.is_expired
    Token.objects.update(expires_at=timezone.now())
    assert Token.objects.find(secret) is None
    token.refresh_from_db()
    assert token.is_expired


def test_nor_does_one_of_somebody_who_may_not_sign_in(issued: tuple[Token, str], alice: User, settings: Any) -> None:
    _, secret = issued
    settings.REQUIRE_SECOND_FACTOR = "everybody"
    assert Token.objects.find(secret) is None
    settings.REQUIRE_SECOND_FACTOR = ""
    assert Token.objects.find(secret)
    alice.is_active = False
    alice.save()
    assert Token.objects.find(secret) is None


def test_one_that_is_revoked_is_gone_and_what_it_has_opened_is_judged_again(
    issued: tuple[Token, str], alice: User, pushes: list[Event], django_capture_on_commit_callbacks: Any
) -> None:
    token, secret = issued
    with django_capture_on_commit_callbacks(execute=True):
        token.revoke()
    assert Token.objects.find(secret) is None
    assert [event["user_pks"] for event in pushes if event["event"] == "recheck"] == [[alice.pk]]


def test_its_use_is_noted_but_not_written_each_time(issued: tuple[Token, str]) -> None:
    token, secret = issued
    assert token.last_used_at is None
    Token.objects.find(secret)
    with CaptureQueriesContext(connection) as asked:
        first = used(secret)
    assert len(asked) == 1
    Token.objects.update(last_used_at=first - timedelta(minutes=2))
    assert used(secret) >= first


@pytest.mark.parametrize(
    ("name", "scopes", "hours", "reason"),
    [
        ("CI", [], 1, "Choose what it is good for."),
        ("CI", ["read", "root"], 1, "There is no scope root."),
        ("CI\u202e", ["read"], 1, "cannot be seen"),
        ("x" * 101, ["read"], 1, "At most 100 characters"),
        ("CI", ["read"], 0, "That time is over."),
    ],
)
def test_what_makes_no_token_is_refused(alice: User, name: str, scopes: list[str], hours: int, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Token.objects.issue(alice, name, scopes, timezone.now() + timedelta(hours=hours))
    assert not Token.objects.exists()
