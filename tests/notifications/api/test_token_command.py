"""`manage.py token`: makes a token that is printed once, lists and revokes them."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from notifications.models import Token

pytestmark = pytest.mark.django_db


def token(*arguments: Any, **options: Any) -> str:
    said = StringIO()
    call_command("token", *arguments, stdout=said, **options)
    return said.getvalue()


def test_it_makes_a_token_lists_and_revokes_it(alice: User) -> None:
    secret = token("alice", "--scope", "write", "--scope", "read", "--name", "CI", "--expires", "30").strip()
    found = Token.objects.find(secret)
    assert (found.user, found.scopes, found.name) == (alice, ["read", "write"], "CI")
    assert found.expires_at
    listed = token("--list", "alice")
    assert listed.startswith(f"{found.pk}  read,write  used ")
    assert listed.endswith("CI\n")
    assert secret not in listed
    assert token("--revoke", str(found.pk)) == f"Token {found.pk} is revoked.\n"
    assert Token.objects.find(secret) is None
    assert token("--list", "alice") == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Name a person"),
        (["alice"], "Choose what it is good for"),
        (["nobody", "--scope", "read"], "no active person"),
        (["alice", "--scope", "read", "--expires", "0"], "from 1 to"),
        (["alice", "--scope", "root"], "invalid choice"),
        (["--list", "nobody"], "no active person"),
        (["--revoke", "7"], "There is no token 7"),
        (["alice", "--revoke", "7"], "Name a person"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(alice: User, arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        token(*arguments)
    assert not Token.objects.exists()
