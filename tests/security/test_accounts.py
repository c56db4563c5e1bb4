"""S22, S29, M5, M6, L17: pages of accounts tell nobody who is here, lead nowhere else, and believe no Host header."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, override_settings

from messaging.accounts.adapter import AccountAdapter
from tests.conftest import signed_in
from tests.security.corpora import lines

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"
FOREIGN = lines("foreign_addresses")


@pytest.fixture
def bob(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.email = "bob@example.org"
    bob.save()
    return bob


def sign_in(name: str, password: str = PASSWORD, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post("/accounts/login/", {"username": name, "password": password}, **more)


def said(answer: Any) -> str:
    """Return the text of a page."""
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


@pytest.mark.parametrize("name", ["bob", "BOB", "Bob", " bob "])
def test_one_signs_in_by_ones_name_in_any_case(bob: User, name: str) -> None:
    assert sign_in(name).status_code == 302


def test_of_two_old_names_that_differ_in_case_each_is_its_owners(bob: User) -> None:
    # As they were made before names were compared.
    User.objects.bulk_create([User(username="BOB", password=make_password("another-good-one"))])
    for name, password in (("bob", PASSWORD), ("BOB", "another-good-one")):
        client = Client()
        assert sign_in(name, password, client).status_code == 302
        assert f"@{name}<" in client.get("/").content.decode()
    assert sign_in("Bob").status_code == 302, "otherwise the one is meant who was there first"


def test_an_address_that_staff_have_entered_need_not_be_confirmed_after_a_forgotten_password(bob: User) -> None:
    bob.email = "bob@example.org"
    bob.save()
    Client().post("/accounts/password_reset/", {"email": "bob@example.org"})
    client = Client()
    assert sign_in("bob", client=client)["Location"] == "/"
    assert client.get("/").status_code == 200


def test_whoever_it_is_a_refused_sign_in_says_the_same(bob: User) -> None:
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    User.objects.create_user("guest")
    wrong = [sign_in(name, "wrong") for name in ("bob", "nobody", "gone", "guest")]
    answers = [*wrong, sign_in("gone")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({said(answer) for answer in answers}) == 1
    assert "Please enter a correct username and password." in said(answers[0])


@pytest.mark.parametrize("address", FOREIGN)
def test_sign_in_leads_to_no_other_site(bob: User, address: str) -> None:
    assert sign_in("bob", QUERY_STRING=urlencode({"next": address}))["Location"] == "/"
    answer = Client().post("/accounts/login/", {"username": "bob", "password": PASSWORD, "next": address})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("headers", [{"accept": "application/json"}, {"x-requested-with": "XMLHttpRequest"}])
def test_there_are_pages_and_nothing_for_programs(bob: User, headers: dict[str, str]) -> None:
    client = Client(headers=headers)
    assert client.get("/accounts/login/")["Content-Type"].startswith("text/html")
    assert sign_in("bob", "wrong", client).status_code == 422
    assert sign_in("bob", client=client).status_code == 302


def test_guesses_at_the_old_password_are_counted(bob: User) -> None:
    client, new = signed_in(bob), {"password1": "another-good-one", "password2": "another-good-one"}
    answers = [client.post("/accounts/password_change/", {"oldpassword": str(n), **new}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_a_name_that_is_taken_in_this_very_moment_is_refused_and_stays_in_the_form(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(self: AccountAdapter, username: str, shallow: bool = False) -> str:
        User.objects.create_user(username)
        return username

    monkeypatch.setattr(AccountAdapter, "clean_username", too_late)
    form = {"username": "dave", "first_name": "D", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/accounts/signup/", form)
    assert answer.status_code == 422
    assert "That user name is taken." in answer.content.decode()
    assert 'value="dave"' in answer.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["\uff42\uff4f\uff42", "\U0001d41b\U0001d428\U0001d41b", "BOB"])
def test_a_name_that_looks_the_same_is_taken(client: Client, bob: User, name: str) -> None:
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", form).status_code == 422


@pytest.mark.parametrize("address", ["bob@example.org", "BOB@Example.org", "nobody@example.org"])
def test_asking_for_a_new_password_says_nothing_of_who_is_here(bob: User, address: str) -> None:
    User.objects.filter(pk=bob.pk).update(email="Bob@Example.org")
    answer = Client().post("/accounts/password_reset/", {"email": address}, follow=True)
    assert "If an account has that address, the link is on its way." in answer.content.decode()
    assert len(mail.outbox) == (0 if "nobody" in address else 1)


@override_settings(SITE_URL="https://chat.example.org", ALLOWED_HOSTS=["chat.example.org", "other.example.org"])
@pytest.mark.parametrize("host", ["chat.example.org:1234", "other.example.org"])
def test_links_in_mails_lead_to_the_site_as_the_settings_know_it(bob: User, host: str) -> None:
    client = Client(headers={"host": host})
    client.post("/accounts/password_reset/", {"email": "bob@example.org"})
    form = {"username": "dave", "email": "dave@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        links = [word for word in message.body.split() if word.startswith("http")]
        assert {f"{urlsplit(link).scheme}://{urlsplit(link).netloc}" for link in links} == {"https://chat.example.org"}
        assert host not in message.body.replace("https://chat.example.org", "")
        assert "\n" not in message.subject


@pytest.mark.parametrize(
    "key",
    ["1-x", "zzzzzzzzzzzzz-x", "0-set-password", "1-set-password", "a" * 13 + "-" + "b" * 100, "-", "1-%00", "é-é"],
)
def test_a_reset_link_that_was_never_made_is_no_error(client: Client, key: str) -> None:
    statuses = {400} if "%00" in key else {200, 404}
    assert client.get(f"/accounts/reset/{key}/").status_code in statuses
    new = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(f"/accounts/reset/{key}/", new).status_code in statuses


@pytest.mark.parametrize("key", ["x", "MQ:1abc:xyz", "-", "%00", "é", ":" * 200])
def test_a_link_to_confirm_that_was_never_made_is_no_error(client: Client, key: str) -> None:
    assert client.get(f"/accounts/email/{key}/").status_code in ({400} if "%00" in key else {200, 404})
    assert client.post(f"/accounts/email/{key}/").status_code == (400 if "%00" in key else 404)


@override_settings(SENDS_MAIL=False)
def test_a_site_without_mail_has_no_page_that_needs_it_and_says_whom_to_ask(bob: User, client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "Whoever runs this site can give you another." in page
    assert "password_reset" not in page
    there = signed_in(bob)
    assert "/accounts/email/" not in there.get("/accounts/profile/").content.decode()
    for address in ("password_reset/", "password_reset/done/", "reset/done/", "reset/1-x/", "email/", "email/sent/"):
        assert there.get(f"/accounts/{address}").status_code == 404
        assert there.post(f"/accounts/{address}", {"email": "bob@example.org"}).status_code == 404
    assert client.post("/accounts/password_reset/", {"email": "bob@example.org"}).status_code == 404
    assert not mail.outbox


def test_another_address_takes_the_place_of_the_old_one_once_it_is_confirmed(bob: User) -> None:
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True, primary=True)
    client = Client()
    sign_in("bob", client=client)
    asked = client.post("/accounts/email/", {"email": "robert@example.org", "action_add": ""}, follow=True)
    assert "Is it you?" in asked.content.decode()
    again = client.post(asked.redirect_chain[-1][0], {"password": "wrong", "next": "/accounts/email/"})
    assert again.status_code == 422
    done = client.post(asked.redirect_chain[-1][0], {"password": PASSWORD, "next": "/accounts/email/"}, follow=True)
    assert "robert@example.org" in done.content.decode()
    (message,) = mail.outbox
    assert message.to == ["robert@example.org"]
    link = urlsplit(next(word for word in message.body.split() if "/accounts/email/" in word)).path
    assert "robert@example.org" in Client().get(link).content.decode()
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"
    assert client.post(link).status_code == 302
    bob.refresh_from_db()
    assert bob.email == "robert@example.org"
    assert [(row.email, row.verified) for row in EmailAddress.objects.all()] == [("robert@example.org", True)]


def test_nobody_touches_the_addresses_of_others(bob: User, carol: User) -> None:
    EmailAddress.objects.create(user=bob, email="bob@example.org")
    client = signed_in(carol)
    for action in ("action_send", "action_remove", "action_primary"):
        client.post("/accounts/email/", {"email": "bob@example.org", action: ""})
    assert "bob@example.org" not in client.get("/accounts/email/").content.decode()
    assert EmailAddress.objects.filter(user=bob).exists()
    assert not mail.outbox
