"""H1: nobody has a password that stands in the README where others can reach the site."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import override_settings

from messaging.accounts import demo
from tests.live.stack import Stack, migrated, prepared

SECRET = "a-secret-of-more-than-thirty-two-characters"
PUBLIC = {
    "a name of its own": {"ALLOWED_HOSTS": "chat.example.org", "SECRET_KEY": SECRET, "HTTPS": "off"},
    "that name among local ones": {
        "ALLOWED_HOSTS": "localhost,chat.example.org",
        "SECRET_KEY": SECRET,
        "HTTPS": "off",
    },
    "behind a proxy": {"BEHIND_PROXY": "on", "SECRET_KEY": SECRET, "HTTPS": "off"},
    "open to the network": {"HOST": "0.0.0.0"},
}


def everybody(stack: Stack) -> list[str]:
    with closing(sqlite3.connect(stack.state_dir / "bellwire.sqlite3")) as database:
        return [name for (name,) in database.execute("SELECT username FROM auth_user WHERE username NOT LIKE 'hook-%'")]


@pytest.mark.live
@pytest.mark.parametrize("settings", PUBLIC.values(), ids=PUBLIC)
def test_a_site_that_others_reach_makes_no_demo_people_and_does_not_start_with_them(
    code: Path, tmp_path: Path, settings: dict[str, str]
) -> None:
    stack = Stack(code, tmp_path / "state", ["alone"], **settings)
    shutil.copytree(migrated(code), stack.state_dir)
    with stack:
        assert everybody(stack) == []
        assert "password" not in stack.log

    stack = Stack(code, tmp_path / "with people", **settings)
    shutil.copytree(prepared(code), stack.state_dir)
    assert sorted(everybody(stack)) == ["alice", "bob", "carol"]
    assert stack.launch().process.wait(timeout=30) == 1
    assert "anybody can sign in as alice, bob, carol" in stack.log
    assert "changepassword alice" in stack.log
    assert "Traceback" not in stack.log


@pytest.mark.live
def test_a_site_of_this_machine_alone_makes_them(code: Path, tmp_path: Path) -> None:
    stack = Stack(code, tmp_path / "state", ["alone"])
    shutil.copytree(migrated(code), stack.state_dir)
    with stack:
        assert sorted(everybody(stack)) == ["alice", "bob", "carol"]


@override_settings(LOCAL=False)
def test_the_demo_cannot_be_made_by_hand_where_others_reach_the_site(db: None) -> None:
    with pytest.raises(CommandError, match="published password"):
        call_command("demo")
    assert not User.objects.exists()


def test_people_of_those_names_with_passwords_of_their_own_harm_nobody(db: None) -> None:
    User.objects.create_user("alice", password="something of her own")
    User.objects.create_user("bob", password=demo.PASSWORD, is_active=False)
    User.objects.create_user("carol", password=demo.PASSWORD)
    assert demo.open_to_anybody() == ["carol"]


def test_nobody_can_choose_the_published_password() -> None:
    with pytest.raises(ValidationError, match="demo people"):
        validate_password(demo.PASSWORD)
