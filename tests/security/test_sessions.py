"""S24: a session is the server's own, new at each sign-in, and over when it is ended."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from messaging.accounts.demo import PASSWORD

pytestmark = pytest.mark.django_db
MADE_UP = ["a" * 32, "alice", "0", "", "../1", "x" * 4_000, "é"]


@pytest.fixture
def bob(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.save()
    return bob


def session_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def token_of(client: Client) -> str:
    return client.cookies["csrftoken"].value


def sign_in(client: Client, session: str | None = None) -> str:
    """Sign in as a browser does that somebody may have given a session to; return the session that comes of it."""
    client.get("/accounts/login/")
    if session is not None:
        client.cookies["sessionid"] = session
    assert client.post("/accounts/login/", {"username": "bob", "password": PASSWORD}).status_code == 302
    return session_of(client)


@pytest.mark.parametrize("session", MADE_UP)
def test_a_session_that_somebody_else_has_made_up_is_not_taken(bob: User, session: str) -> None:
    client = Client()
    assert sign_in(client, session) != session
    assert not Session.objects.filter(pk=session).exists()
    stranger = Client()
    stranger.cookies["sessionid"] = session
    assert stranger.get("/").status_code == 302


def test_signing_in_changes_the_session_and_the_token_of_forms(bob: User, client: Client) -> None:
    client.get("/accounts/login/")
    before = client.cookies["csrftoken"].value
    first = sign_in(client)
    assert token_of(client) != before
    assert client.post("/accounts/logout/").status_code == 302
    assert sign_in(client) != first


def test_a_session_that_was_ended_lets_nobody_in(bob: User) -> None:
    client, kept = Client(), Client()
    old = sign_in(client)
    client.post("/accounts/logout/")
    kept.cookies["sessionid"] = old
    assert kept.get("/").status_code == 302
    assert not Session.objects.filter(pk=old).exists()


def test_another_password_ends_all_other_sessions(bob: User) -> None:
    here, there = Client(), Client()
    old = sign_in(here)
    sign_in(there)
    typed = {"oldpassword": PASSWORD, "password1": "correct horse 7", "password2": "correct horse 7"}
    assert here.post("/accounts/password_change/", typed).status_code == 302
    assert session_of(here) != old
    assert [client.get("/").status_code for client in (here, there)] == [200, 302]


def test_a_session_is_in_no_page_and_no_address(bob: User, client: Client) -> None:
    session = sign_in(client)
    for path in ("/", "/accounts/profile/", "/accounts/devices/", "/notifications/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert session not in answer.content.decode()
