"""Accounts: sign up, in and out, change what one is called and what one signs in with."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client

from messaging.models import Chat, Message
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"


def sign_up(client: Client, username: str, **more: str) -> Any:
    data = {"username": username, "first_name": "", "password1": PASSWORD, "password2": PASSWORD, **more}
    return client.post("/accounts/signup/", data)


def test_who_signs_up_is_in(client: Client) -> None:
    response = sign_up(client, "dave", first_name="Dave")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "Dave" in client.get("/").content.decode()
    assert User.objects.get().password.startswith("argon2")


@pytest.mark.parametrize(
    ("username", "more"),
    [("Alice", {}), ("dave", {"password2": "other"}), ("dave", {"password1": "123", "password2": "123"}), ("a b", {})],
    ids=["taken but for its case", "two passwords", "bad password", "bad name"],
)
def test_a_bad_sign_up_is_refused_and_the_name_stays(
    client: Client, alice: User, username: str, more: dict[str, str]
) -> None:
    response = sign_up(client, username, **more)
    assert response.status_code == 422
    assert f'value="{username}"' in response.content.decode()
    assert User.objects.count() == 1


def test_signing_in_leads_back_to_where_one_was_going(client: Client, room: Chat, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    address = f"/chats/{room.pk}/"
    login = client.get(address)["Location"]
    assert "sign in" in client.get(login).content.decode().lower()
    assert client.post(login, {"username": "bob", "password": "wrong"}).status_code == 422
    assert client.post(login, {"username": "bob", "password": PASSWORD})["Location"] == address
    assert client.get(address).status_code == 200


def test_a_foreign_address_is_not_followed_after_sign_in(client: Client, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    response = client.post("/accounts/login/?next=https://evil.example/", {"username": "bob", "password": PASSWORD})
    assert response["Location"] == "/"


def test_signing_out_needs_a_form(bob: User) -> None:
    client = signed_in(bob)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_profile_name_is_shown_beside_messages(room: Chat, bob: User) -> None:
    client = signed_in(bob)
    room.post(bob, "hello")
    assert client.post("/accounts/profile/", {"first_name": "Robert", "email": ""}).status_code == 303
    assert "Robert" in client.get(f"/chats/{room.pk}/").content.decode()
    assert client.post("/accounts/profile/", {"first_name": "x" * 200}).status_code == 422


def test_a_changed_password_ends_the_other_sessions(bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    here, elsewhere = signed_in(bob), signed_in(bob)
    response = here.post(
        "/accounts/password_change/",
        {"oldpassword": PASSWORD, "password1": "another-good-one", "password2": "another-good-one"},
    )
    assert response.status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_forgotten_password_is_replaced_by_mail(client: Client, bob: User) -> None:
    bob.email = "bob@example.org"
    bob.set_password(PASSWORD)
    bob.save()
    client.post("/accounts/password_reset/", {"email": "bob@example.org"})
    link = next(word for word in mail.outbox[0].body.split() if "/reset/" in word)
    form = client.get(urlsplit(link).path, follow=True)
    assert "New password" in form.content.decode()
    new = {"password1": "another-good-one", "password2": "another-good-one"}
    assert client.post(form.redirect_chain[-1][0], new, follow=True).status_code == 200
    assert client.post("/accounts/login/", {"username": "bob", "password": "another-good-one"}).status_code == 302
    assert "does not work any more" in Client().get(urlsplit(link).path).content.decode()


@pytest.mark.parametrize(
    "page", ["/", "/accounts/profile/", "/accounts/password_change/", "/chats/new/", "/notifications/", "/admin/"]
)
def test_every_page_opens_under_the_content_security_policy(page: str, alice: User) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.set_password(PASSWORD)
    alice.save()
    response = signed_in(alice).get(page)
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for nonce in {part.split('"')[1] for part in response.content.decode().split(" nonce=")[1:]}:
        assert f"'nonce-{nonce}'" in policy


@pytest.mark.parametrize("page", ["login", "signup", "password_reset", "password_reset/done", "reset/done"])
def test_the_pages_before_sign_in_open(client: Client, page: str) -> None:
    assert client.get(f"/accounts/{page}/").status_code == 200


def test_demo_people_are_made_in_an_empty_database_only(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo")
    assert capsys.readouterr().out.startswith("Demo people")
    assert set(User.objects.filter(bot=None).values_list("username", flat=True)) == {"alice", "bob", "carol"}
    messages = Message.objects.count()
    call_command("demo")
    assert capsys.readouterr().out.startswith("Demo people")
    assert Message.objects.count() == messages > 3


def test_no_demo_people_beside_real_ones(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo")
    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1


def test_a_cookie_that_can_be_no_sessions_leads_to_sign_in(client: Client) -> None:
    """PostgreSQL cannot even be asked for what has a NUL in it."""
    response = client.get("/", headers={"cookie": 'sessionid="\\000abcdefgh"'})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")


def test_the_administration_has_the_same_sign_in(client: Client, alice: User) -> None:
    page = client.get("/admin/", follow=True)
    assert [address for address, _ in page.redirect_chain] == ["/accounts/login/?next=/admin/"]
    assert "Sign in" in page.content.decode()
    assert signed_in(alice).get("/admin/", follow=True).status_code == 403
    assert signed_in(alice).get("/admin/password_change/")["Location"] == "/accounts/password_change/"
