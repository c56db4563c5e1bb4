"""Who may make an account: everybody, who was invited, who has an address of the firm, nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from messaging.accounts.models.invitation import Invitation
from messaging.models import Chat
from tests.conftest import signed_in
from tests.project.test_settings import PUBLIC, settings_with

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"
BY_INVITATION = override_settings(SIGN_UP="invitation", SIGN_UP_DOMAINS=[])
BY_DOMAIN = override_settings(SIGN_UP="@example.org", SIGN_UP_DOMAINS=["example.org", "example.com"])


@pytest.fixture
def alice(alice: User) -> User:
    alice.is_staff = True
    alice.save()
    return alice


def sign_up(address: str = "/accounts/signup/", name: str = "dave", client: Client | None = None, **more: str) -> Any:
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD, **more}
    return (client or Client()).post(address, form)


def address(invitation: Invitation) -> str:
    return urlsplit(invitation.link).path


def link_in_mail() -> str:
    return urlsplit(next(word for word in mail.outbox[-1].body.split() if "/accounts/email/" in word)).path


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, "open"),
        ({"HOST": "0.0.0.0"}, "invitation"),
        (PUBLIC, "invitation"),
        ({"BEHIND_PROXY": "on", "SECRET_KEY": PUBLIC["SECRET_KEY"]}, "invitation"),
        ({**PUBLIC, "SIGN_UP": "Open"}, "open"),
        ({"SIGN_UP": "closed"}, "closed"),
    ],
)
def test_outside_of_this_machine_one_is_invited_unless_the_site_says_otherwise(
    environment: dict[str, str], mode: str
) -> None:
    assert settings_with("s.SIGN_UP", **environment).stdout.strip() == mode


def test_domains_are_read_and_mistakes_are_named() -> None:
    several = settings_with("s.SIGN_UP_DOMAINS", SIGN_UP="@Example.org, @b.example")
    assert several.stdout.strip() == "['example.org', 'b.example']"
    for wrong in ("everybody", "example.org", "@", "@a,b", "@a b"):
        assert "SIGN_UP is open, invitation, closed, or domains" in settings_with("0", SIGN_UP=wrong).stderr
    assert "Set EMAIL_URL" in settings_with("0", **PUBLIC, SIGN_UP="@example.org").stderr


@BY_INVITATION
def test_without_an_invitation_nobody_comes_in(client: Client) -> None:
    assert "You need an invitation" in client.get("/accounts/login/").content.decode()
    page = client.get("/accounts/signup/")
    assert page.status_code == 403
    assert "By invitation" in page.content.decode()
    assert sign_up().status_code == 403
    assert not User.objects.exists()


@BY_INVITATION
def test_an_invitation_lets_as_many_in_as_it_says(alice: User) -> None:
    client = signed_in(alice)
    assert client.post("/accounts/invitations/", {"days": "3", "uses": "2"}).status_code == 303
    (invitation,) = Invitation.objects.all()
    assert invitation.link in client.get("/accounts/invitations/").content.decode()
    assert "Alice</span> has invited you" in Client().get(address(invitation)).content.decode()
    assert sign_up(address(invitation), "alice").status_code == 422
    assert sign_up(address(invitation), "dave").status_code == 302
    assert sign_up(address(invitation), "erin").status_code == 302
    refused = sign_up(address(invitation), "frank")
    assert refused.status_code == 410
    assert "does not work any more" in refused.content.decode()
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "dave", "erin"}


@BY_INVITATION
@pytest.mark.parametrize("end", ["used", "old", "ended", "maker gone", "maker no staff", "closed", "never made"])
def test_a_dead_link_says_so(alice: User, end: str) -> None:
    invitation = Invitation.objects.make(alice)
    link = address(invitation)
    if end == "used":
        Invitation.objects.update(uses_left=0)
    elif end == "old":
        Invitation.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    elif end == "ended":
        assert signed_in(alice).post(f"/accounts/invitations/{invitation.pk}/ending/").status_code == 303
    elif end == "maker gone":
        User.objects.update(is_active=False)
    elif end == "maker no staff":
        User.objects.update(is_staff=False)
    elif end == "never made":
        link = "/accounts/signup/nothing/"
    with override_settings(SIGN_UP="closed" if end == "closed" else "invitation"):
        page = Client().get(link)
        assert page.status_code == 410
        assert ("takes no new accounts" if end == "closed" else "does not work any more") in page.content.decode()
        assert sign_up(link).status_code == 410
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@BY_INVITATION
def test_of_six_at_once_one_gets_the_last_use(alice: User) -> None:
    link = address(Invitation.objects.make(alice))

    def come(number: int) -> int:
        try:
            return int(sign_up(link, f"dave{number}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = sorted(threads.map(come, range(6)))
    assert answers == [302] + [410] * 5
    assert User.objects.count() == 2
    assert Invitation.objects.get().uses_left == 0


@BY_INVITATION
def test_who_was_invited_into_a_room_is_in_it(
    alice: User, private: Chat, django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in(alice)
    assert "Make a link" in client.get(f"/chats/{private.pk}/members/").content.decode()
    assert client.post(f"/chats/{private.pk}/invitations/").status_code == 303
    with django_capture_on_commit_callbacks(execute=True):
        sign_up(address(Invitation.objects.get()))
    assert private.memberships.filter(user__username="dave").exists()


@BY_INVITATION
def test_who_has_left_a_room_brings_nobody_into_it(
    alice: User, private: Chat, django_capture_on_commit_callbacks: Any
) -> None:
    invitation = Invitation.objects.make(alice, room=private)
    private.release(alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_up(address(invitation)).status_code == 302
    assert not private.memberships.filter(user__username="dave").exists()


@BY_INVITATION
def test_members_invite_where_the_site_lets_them(bob: User, room: Chat) -> None:
    client = signed_in(bob)
    assert client.get("/accounts/invitations/").status_code == 404
    assert client.post("/accounts/invitations/", {"days": "3", "uses": "2"}).status_code == 404
    assert client.post(f"/chats/{room.pk}/invitations/").status_code == 404
    assert "/accounts/invitations/" not in client.get("/accounts/profile/").content.decode()
    assert "Make a link" not in client.get(f"/chats/{room.pk}/members/").content.decode()
    with override_settings(MEMBERS_INVITE=True):
        assert "/accounts/invitations/" in client.get("/accounts/profile/").content.decode()
        assert client.post("/accounts/invitations/", {"days": "3", "uses": "2"}).status_code == 303
    with override_settings(MEMBERS_INVITE=True, SIGN_UP="closed"):
        assert client.get("/accounts/invitations/").status_code == 404


@override_settings(SIGN_UP="invitation", MEMBERS_INVITE=True)
def test_an_outsider_sees_ends_and_makes_nothing(alice: User, bob: User, carol: User, private: Chat) -> None:
    invitation = Invitation.objects.make(bob, room=private)
    outsider = signed_in(carol)
    assert invitation.token not in outsider.get("/accounts/invitations/").content.decode()
    assert outsider.post(f"/accounts/invitations/{invitation.pk}/ending/").status_code == 404
    assert outsider.post(f"/chats/{private.pk}/invitations/").status_code == 404
    assert Client().post(f"/accounts/invitations/{invitation.pk}/ending/").status_code == 302
    assert Invitation.objects.count() == 1
    staff = signed_in(alice)
    assert invitation.token in staff.get("/accounts/invitations/").content.decode()
    assert staff.post(f"/accounts/invitations/{invitation.pk}/ending/").status_code == 303
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(("days", "uses"), [("0", "1"), ("91", "1"), ("1", "0"), ("1", "1001"), ("x", "²"), ("", "")])
def test_a_bad_invitation_is_refused_and_what_was_typed_stays(alice: User, days: str, uses: str) -> None:
    answer = signed_in(alice).post("/accounts/invitations/", {"days": days, "uses": uses})
    assert answer.status_code == 422
    assert f'value="{days}"' in answer.content.decode() or not days
    assert not Invitation.objects.exists()


@BY_INVITATION
def test_whoever_runs_the_site_invites_by_a_command(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "--uses", "2", "--days", "1")
    link = capsys.readouterr().out.strip()
    assert sign_up(urlsplit(link).path).status_code == 302
    with pytest.raises(CommandError, match="--uses"):
        call_command("invite", "--uses", "0")
    with override_settings(SIGN_UP="closed"), pytest.raises(CommandError, match="closed"):
        call_command("invite")


@BY_DOMAIN
@pytest.mark.parametrize("email", ["", "eve@evil.example", "eve@example.org.evil.example", "eve@sub.example.org", "x"])
def test_another_address_than_one_of_the_domains_is_refused(email: str) -> None:
    answer = sign_up(email=email)
    assert answer.status_code == 422
    assert 'value="dave"' in answer.content.decode()
    assert not User.objects.exists()


@BY_DOMAIN
def test_who_signs_up_by_domain_comes_in_when_the_address_is_confirmed() -> None:
    client, elsewhere = Client(), Client()
    asked = sign_up(client=client, email="Dave@Example.COM")
    assert asked["Location"] == "/accounts/email/sent/"
    assert "Look into your mail" in client.get(asked["Location"]).content.decode()
    assert client.get("/").status_code == 302
    again = elsewhere.post("/accounts/login/", {"username": "dave", "password": PASSWORD})
    assert again["Location"] == "/accounts/email/sent/"
    assert elsewhere.get("/").status_code == 302
    assert [message.to for message in mail.outbox] == [["dave@example.com"]] * 2
    assert elsewhere.post(link_in_mail()).status_code == 302
    assert elsewhere.get("/").status_code == 200
    assert client.post("/accounts/login/", {"username": "dave", "password": PASSWORD})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_who_was_not_confirmed_stays_out_when_the_site_is_opened() -> None:
    with BY_DOMAIN:
        sign_up(email="boss@example.org")
    client = Client()
    answer = client.post("/accounts/login/", {"username": "dave", "password": PASSWORD})
    assert answer["Location"] == "/accounts/email/sent/"
    assert client.get("/").status_code == 302


@BY_DOMAIN
def test_existing_accounts_go_on_working_by_domain(bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.email = "bob@elsewhere.example"
    bob.save()
    client = Client()
    assert client.post("/accounts/login/", {"username": "bob", "password": PASSWORD})["Location"] == "/"


@BY_DOMAIN
def test_an_invitation_leads_past_the_domains(alice: User) -> None:
    assert sign_up(address(Invitation.objects.make(alice))).status_code == 302
    assert User.objects.filter(username="dave").exists()


def test_where_sign_up_is_open_an_address_is_confirmed_later() -> None:
    client = Client()
    assert sign_up(client=client, email="dave@example.org")["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get(link_in_mail()).status_code == 200
    assert "dave@example.org is confirmed." in client.post(link_in_mail(), follow=True).content.decode()


@pytest.mark.parametrize("page", ["password_reset/", "signup/"])
def test_nobody_is_sent_mail_without_end(bob: User, page: str) -> None:
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    for number in range(5):
        form = {"username": f"dave{number}", "password1": PASSWORD, "password2": PASSWORD, "email": "bob@example.org"}
        assert Client().post(f"/accounts/{page}", form).status_code == 302
    for email in ("bob@example.org", "BOB@example.org"):
        form = {"username": "erin", "password1": PASSWORD, "password2": PASSWORD, "email": email}
        assert Client().post(f"/accounts/{page}", form).status_code == 429
    assert len(mail.outbox) == 5
