"""Sign-on by OpenID Connect, against a real provider: whom it lets in, and as whom."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client, override_settings

from messaging.accounts import sign_on
from tests.conftest import signed_in
from tests.live.provider import provider
from tests.live.stack import free_port
from tests.project.test_settings import settings_with

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"
OLGA, BOB, EVE, ODD = "1", "2", "3", "4"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with provider() as url:
        yield url


def by(url: str, **more: Any) -> override_settings:
    app = {"provider_id": "oidc", "name": "Acme", "client_id": "bellwire", "secret": "s3cret"}
    app["settings"] = {"server_url": url, "oauth_pkce_enabled": True}  # type: ignore[assignment]
    providers = {"openid_connect": {"APPS": [app]}}
    return override_settings(OIDC_URL=url, OIDC_NAME="Acme", SOCIALACCOUNT_PROVIDERS=providers, **more)


@pytest.fixture(autouse=True)
def acme(url: str) -> Iterator[None]:
    with by(url):
        yield


def ask(client: Client, **more: str) -> str:
    """Press the button; return the address at the provider that one is led to."""
    answer = client.post("/accounts/oidc/login/", more)
    assert answer.status_code == 302
    return str(answer["Location"])


def go(client: Client, sub: str, **more: str) -> Any:
    """Sign in at the provider, and come back with what it says."""
    answer = httpx.post(ask(client, **more), data={"sub": sub}, trust_env=False)
    back = urlsplit(answer.headers["location"])
    assert back.path == "/accounts/oidc/callback/"
    return client.get(f"{back.path}?{back.query}")


def test_who_is_new_gets_an_account_with_the_name_of_the_provider(client: Client) -> None:
    assert "Go on with Acme" in client.get("/accounts/login/").content.decode()
    assert go(client, OLGA)["Location"] == "/"
    page = client.get("/").content.decode()
    assert "@olga<" in page
    assert "Olga" in page
    olga = User.objects.get()
    assert not olga.has_usable_password()
    assert EmailAddress.objects.get(user=olga).verified
    again = Client()
    assert go(again, OLGA, next="/accounts/profile/")["Location"] == "/accounts/profile/"
    assert User.objects.count() == 1


def test_the_secret_and_a_proof_of_the_request_are_used(client: Client) -> None:
    asked = parse_qs(urlsplit(ask(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["client_id"] == ["bellwire"]
    assert "s3cret" not in str(asked)
    assert len(asked["state"][0]) > 10


def own_name(client: Client) -> str:
    """Return the user name that stands in the menu of whoever is signed in; nothing if nobody is."""
    menu = BeautifulSoup(client.get("/", follow=True).content, "html.parser").select_one(".menu-head .help")
    return menu.text if menu else ""


def test_an_account_here_is_theirs_when_both_sides_have_confirmed_the_address(bob: User, client: Client) -> None:
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True, primary=True)
    bob.set_password(PASSWORD)
    bob.save()
    assert go(client, BOB)["Location"] == "/"
    assert own_name(client) == "@bob"
    assert User.objects.count() == 1
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


@pytest.mark.parametrize(("here", "sub"), [(True, EVE), (False, BOB), (False, EVE)])
def test_an_account_here_is_nobodys_by_an_address_that_one_side_has_not_confirmed(
    bob: User, client: Client, here: bool, sub: str
) -> None:
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=here)
    bob.email = "bob@example.org"
    bob.save()
    go(client, sub)
    assert own_name(client) != "@bob"
    assert not SocialAccount.objects.filter(user=bob).exists()


def test_a_name_that_is_taken_or_cannot_be_is_replaced(bob: User) -> None:
    for sub in (BOB, ODD):
        client = Client()
        assert go(client, sub)["Location"] == "/"
    names = set(User.objects.values_list("username", flat=True)) - {"bob"}
    assert len(names) == 2
    assert all(name.isascii() and name.isalnum() for name in names)


@pytest.mark.parametrize(
    ("settings", "sub", "comes_in"),
    [
        ({"SIGN_UP": "closed"}, OLGA, False),
        ({"SIGN_UP": "invitation"}, OLGA, True),
        ({"SIGN_UP": "@example.org", "SIGN_UP_DOMAINS": ["example.org"]}, OLGA, True),
        ({"SIGN_UP": "@example.org", "SIGN_UP_DOMAINS": ["example.org"]}, EVE, False),
        ({"SIGN_UP": "@example.org", "SIGN_UP_DOMAINS": ["example.org"]}, ODD, False),
    ],
)
def test_who_may_make_an_account_that_way(
    client: Client, url: str, settings: dict[str, Any], sub: str, comes_in: bool
) -> None:
    with by(url, **settings):
        answer = go(client, sub)
        assert client.get("/").status_code == (200 if comes_in else 302)
    assert User.objects.exists() == comes_in
    assert answer.status_code == (302 if comes_in else 200)


def test_who_is_deactivated_stays_out(client: Client) -> None:
    go(client, OLGA)
    User.objects.update(is_active=False)
    other = Client()
    answer = go(other, OLGA)
    assert answer["Location"] == "/accounts/login/"
    assert "This account is deactivated." in other.get("/accounts/login/").content.decode()
    assert other.get("/").status_code == 302


def test_who_is_signed_in_adds_it_by_the_password(bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    client = signed_in(bob)
    assert "Sign in with Acme from now on" in client.get("/accounts/profile/").content.decode()
    asked = go(client, OLGA, process="connect")
    assert asked["Location"] == "/accounts/reauthenticate/"
    done = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert "From now on you can sign in that way." in done.content.decode()
    other = Client()
    go(other, OLGA)
    assert "@bob<" in other.get("/").content.decode()


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied"])
def test_a_callback_that_nobody_asked_for_lets_nobody_in(client: Client, query: str) -> None:
    answer = client.get(f"/accounts/oidc/callback/{query}")
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert "You could not be signed in by Acme." in client.get("/accounts/login/").content.decode()
    assert client.get("/").status_code == 302


def test_what_somebody_else_was_answered_lets_nobody_in(client: Client) -> None:
    """Else an attacker could sign somebody in as himself, and read what they write."""
    answer = httpx.post(ask(Client()), data={"sub": EVE}, trust_env=False)
    back = urlsplit(answer.headers["location"])
    assert client.get(f"{back.path}?{back.query}")["Location"] == "/accounts/login/"
    assert not User.objects.exists()


def test_who_says_no_at_the_provider_is_led_back(client: Client) -> None:
    answer = httpx.post(ask(client), data={"action": "deny"}, trust_env=False)
    back = urlsplit(answer.headers["location"])
    page = client.get(f"{back.path}?{back.query}", follow=True)
    assert "You could not be signed in by Acme." in page.content.decode()


@pytest.mark.parametrize("path", ["", "/nothing-here", "/.well-known/nothing"])
def test_a_provider_that_is_away_or_talks_nonsense_is_no_error(client: Client, url: str, path: str) -> None:
    with by(f"http://127.0.0.1:{free_port()}" if not path else url + path):
        answer = client.post("/accounts/oidc/login/", follow=True)
    assert "You could not be signed in by Acme." in answer.content.decode()


def test_a_slow_provider_keeps_only_few_waiting(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_on._places, "acquire", lambda blocking: False)
    assert "You could not be signed in" in client.post("/accounts/oidc/login/", follow=True).content.decode()


def test_the_button_is_a_form(client: Client) -> None:
    assert client.get("/accounts/oidc/login/").status_code == 405
    assert client.post("/accounts/oidc/callback/").status_code == 405


@override_settings(OIDC_URL="", SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": []}})
def test_without_a_provider_there_is_nothing_of_it(client: Client) -> None:
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/oidc/login/").status_code == 404
    assert client.get("/accounts/oidc/callback/").status_code == 404


def test_the_settings_name_the_provider_and_what_they_lack() -> None:
    given = {"OIDC_URL": "https://id.example.org/realms/a", "OIDC_CLIENT_ID": "x", "OIDC_SECRET": "y"}
    form_action = "s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']"
    found = settings_with(f"(s.OIDC_NAME, {form_action})", **given)
    assert found.stdout.strip() == "('id.example.org', [\"'self'\", 'https://id.example.org'])"
    assert settings_with(form_action).stdout.strip() == "[\"'self'\"]"
    assert "OIDC_URL needs OIDC_CLIENT_ID" in settings_with("0", OIDC_URL="https://id.example.org").stderr
