"""A second factor keeps out who has only the password, and is asked for before it is changed."""

import json
import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from notifications.relay import rights
from project.settings import DEFAULT_LIMITS
from tests.conftest import signed_in
from tests.project.test_settings import settings_with

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"
BROKEN_KEYS = ["", "x", "{}", "[]", "null", "1", '{"id": 1}']
BROKEN_KEYS += [json.dumps({"response": {"userHandle": handle}}) for handle in ("", "MQ", "eHg", "%%%", "AAAA", 1)]
PARTS = ("attestationObject", "authenticatorData", "signature")
BROKEN_KEYS += [
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})
    for response in ({}, {"clientDataJSON": "e30", "userHandle": "MQ", **dict.fromkeys(PARTS, "AA")})
]


@pytest.fixture
def bob(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.save()
    return bob


def code_for(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_in(client: Client, name: str = "bob", password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"username": name, "password": password})


def confirm(client: Client, address: str) -> Any:
    """Open a page that asks for the password first, and give it."""
    asked = client.get(address)
    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    return client.post(asked["Location"], {"password": PASSWORD}, follow=True)


def set_up_app(client: Client) -> str:
    """Set up an authenticator app and return its secret."""
    page = confirm(client, "/accounts/second-factor/app/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    done = client.post("/accounts/second-factor/app/", {"code": code_for(secret)}, follow=True)
    assert "Recovery codes" in done.content.decode()
    return secret


def test_with_an_app_the_password_alone_lets_nobody_in(bob: User) -> None:
    secret = set_up_app(signed_in(bob))
    thief = Client()
    assert sign_in(thief)["Location"] == "/accounts/login/code/"
    assert thief.get("/").status_code == 302
    for wrong in ("", "000000", "x", "12345678"):
        assert thief.post("/accounts/login/code/", {"code": wrong}).status_code == 422
    assert thief.get("/").status_code == 302
    owner = Client()
    sign_in(owner)
    assert owner.post("/accounts/login/code/", {"code": code_for(secret, 1)})["Location"] == "/"
    assert owner.get("/").status_code == 200


def test_a_code_is_good_once(bob: User) -> None:
    secret = set_up_app(signed_in(bob))
    code = code_for(secret, 1)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client)
    assert first.post("/accounts/login/code/", {"code": code}).status_code == 302
    assert second.post("/accounts/login/code/", {"code": code}).status_code == 422


def test_a_recovery_code_is_good_once(bob: User) -> None:
    client = signed_in(bob)
    set_up_app(client)
    codes = client.get("/accounts/second-factor/codes/file/").content.decode().split()
    assert len(codes) == 10
    for status in (302, 422):
        other = Client()
        sign_in(other)
        assert other.post("/accounts/login/code/", {"code": codes[0]}).status_code == status


@override_settings(LIMITS={**DEFAULT_LIMITS, "second_factor": "3/5m"})
def test_guesses_at_codes_are_counted_over_all_browsers(bob: User) -> None:
    secret = set_up_app(signed_in(bob))
    answers = []
    for number in range(5):
        client = Client()
        sign_in(client)
        answers.append(client.post("/accounts/login/code/", {"code": f"00000{number}"}).status_code)
    assert answers == [422, 422, 422, 429, 429]
    assert client.post("/accounts/login/code/", {"code": code_for(secret, 1)}).status_code == 429


@pytest.mark.parametrize(
    "address", ["app/", "app/ending/", "codes/", "codes/new/", "codes/file/", "keys/new/", "keys/1/ending/"]
)
def test_before_a_second_factor_is_seen_or_changed_the_password_is_asked_for(bob: User, address: str) -> None:
    set_up_app(signed_in(bob))
    for method in ("get", "post"):
        client = Client()
        client.force_login(bob)
        answer = getattr(client, method)(f"/accounts/second-factor/{address}")
        if address == "app/":
            assert answer["Location"] == "/accounts/second-factor/app/ending/" or "reauthenticate" in answer["Location"]
        elif address == "codes/" and method == "post":
            assert answer.status_code == 405
        else:
            assert "reauthenticate" in answer["Location"], (method, answer)
    assert Authenticator.objects.filter(user=bob).count() == 2


def test_nobody_removes_the_keys_of_others(bob: User, carol: User) -> None:
    key = Authenticator.objects.create(user=bob, type="webauthn", data={"name": "Key", "credential": {}})
    carol.set_password(PASSWORD)
    carol.save()
    client = signed_in(carol)
    confirm(client, "/accounts/second-factor/app/")
    for method in ("get", "post"):
        assert getattr(client, method)(f"/accounts/second-factor/keys/{key.pk}/ending/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize("credential", BROKEN_KEYS)
def test_what_is_no_key_is_refused(bob: User, credential: str) -> None:
    stranger = Client()
    challenge = stranger.get("/accounts/login/passkey/", headers={"accept": "application/json"})
    assert "challenge" in challenge.json()["request_options"]["publicKey"]
    answer = stranger.post("/accounts/login/passkey/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert stranger.get("/").status_code == 302
    client = signed_in(bob)
    confirm(client, "/accounts/second-factor/keys/new/")
    assert client.post("/accounts/second-factor/keys/new/", {"credential": credential}).status_code == 422
    set_up_app(signed_in(bob))
    other = Client()
    sign_in(other)
    assert other.post("/accounts/login/code/", {"credential": credential}).status_code in (200, 422)
    assert other.get("/").status_code == 302


@pytest.mark.parametrize(("whom", "asked"), [("", []), ("staff", ["alice"]), ("everybody", ["alice", "bob"])])
def test_who_needs_a_second_factor_sets_one_up_before_anything_else(
    alice: User, bob: User, whom: str, asked: list[str]
) -> None:
    alice.is_staff = True
    alice.set_password(PASSWORD)
    alice.save()
    with override_settings(REQUIRE_SECOND_FACTOR=whom):
        for person in (alice, bob):
            client = signed_in(person)
            for address in ("/", "/notifications/", "/accounts/profile/", "/accounts/invitations/", "/chats/new/"):
                answer = client.get(address)
                is_led = answer.status_code == 303 and answer["Location"] == "/accounts/second-factor/"
                assert is_led == (person.username in asked)
            by_htmx = client.get("/", headers={"hx-request": "true"})
            assert (by_htmx.get("HX-Redirect") == "/accounts/second-factor/") == (person.username in asked)
            session = client.cookies["sessionid"].value
            assert (session in rights.signed_in([session])) == (person.username not in asked), "a socket opened by hand"
            if person.username in asked:
                page = client.get("/", follow=True).content.decode()
                assert "Set up a second factor first" in page
                assert "sidebar" not in page
                assert "data-socket" not in page
                set_up_app(client)
                assert client.get("/").status_code == 200
                assert rights.signed_in([session]) == {session: person.pk}
                refused = client.post("/accounts/second-factor/app/ending/")
                assert refused.status_code == 422
                assert Authenticator.objects.filter(user=person, type="totp").exists()
            assert client.post("/accounts/logout/").status_code == 302


def test_whoever_runs_the_site_helps_who_has_lost_everything(bob: User) -> None:
    set_up_app(signed_in(bob))
    call_command("reset_second_factor", "bob")
    assert sign_in(Client())["Location"] == "/"
    with pytest.raises(CommandError, match="Nobody called bob"):
        call_command("reset_second_factor", "bob")


def test_the_administration_shows_no_secrets(alice: User) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    app = Authenticator.objects.create(user=alice, type="totp", data={"secret": "JBSWY3DP"})
    client = signed_in(alice)
    assert client.get(f"/admin/mfa/authenticator/{app.pk}/change/").status_code == 404
    assert client.get("/admin/mfa/authenticator/?data__contains=J").status_code == 404


def test_who_may_not_be_asked_is_named() -> None:
    assert "REQUIRE_SECOND_FACTOR is staff, everybody" in settings_with("0", REQUIRE_SECOND_FACTOR="all").stderr
