"""Devices: where one is signed in, and out again."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.test import Client

from messaging.accounts.devices import name_of
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-long-one"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36 Edg/140"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18 Safari/604"
)


@pytest.fixture
def bob(bob: User) -> User:
    bob.set_password(PASSWORD)
    bob.save()
    return bob


def sign_in(agent: str = "", address: str = "192.0.2.1") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    assert client.post("/accounts/login/", {"username": "bob", "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize(
    ("agent", "name"),
    [(FIREFOX, "Firefox on Linux"), (EDGE, "Edge on Windows"), (IPHONE, "Safari on iPhone"), ("<b>", "A browser")],
)
def test_a_device_is_named_in_words(bob: User, agent: str, name: str) -> None:
    assert name_of(agent) == name
    page = sign_in(agent, "2001:db8::7").get("/accounts/devices/").content.decode()
    assert f"<strong>{name}</strong>" in page
    assert "2001:db8::7" in page
    assert "this device" in page


def test_one_device_is_signed_out_from_another(bob: User) -> None:
    here, there = sign_in(FIREFOX), sign_in(IPHONE, "192.0.2.2")
    lost = UserSession.objects.get(ip="192.0.2.2")
    assert here.post(f"/accounts/devices/{lost.pk}/ending/").status_code == 303
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assert "iPhone" not in here.get("/accounts/devices/").content.decode()


def test_all_others_are_signed_out_when_the_password_is_given(bob: User) -> None:
    here, others = sign_in(FIREFOX), [sign_in(IPHONE), sign_in(EDGE)]
    asked = here.post("/accounts/devices/ending/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert others[0].get("/").status_code == 200
    done = here.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert "All other devices are signed out." in done.content.decode()
    assert [other.get("/").status_code for other in others] == [302, 302]
    assert here.get("/").status_code == 200


def test_a_session_from_before_is_listed_as_soon_as_it_is_used(bob: User) -> None:
    here, old = sign_in(), signed_in(bob)
    assert old.get("/").status_code == 200
    assert here.get("/accounts/devices/").content.decode().count("<strong>A browser</strong>") == 2


def test_nobody_sees_or_ends_the_devices_of_others(bob: User, carol: User) -> None:
    there = sign_in(FIREFOX)
    session = UserSession.objects.get(user=bob)
    outsider = signed_in(carol)
    assert "Firefox" not in outsider.get("/accounts/devices/").content.decode()
    assert outsider.post(f"/accounts/devices/{session.pk}/ending/").status_code == 404
    assert Client().post(f"/accounts/devices/{session.pk}/ending/").status_code == 302
    outsider.post("/accounts/devices/ending/")
    assert there.get("/").status_code == 200


@pytest.mark.parametrize(("address", "shown"), [("", "0.0.0.0"), ("unix:", "0.0.0.0"), ("fe80::1%eth0", "fe80::1")])
def test_whatever_a_browser_and_a_server_say_can_be_stored(bob: User, address: str, shown: str) -> None:
    page = sign_in("Fire\0fox/1", address).get("/accounts/devices/").content.decode()
    assert "<strong>Firefox</strong>" in page
    assert shown in page


def test_of_too_many_devices_the_one_that_was_not_used_for_longest_is_signed_out(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.accounts.devices.MOST_DEVICES", 2)
    first, second, third = sign_in(), sign_in(), sign_in()
    assert [client.get("/").status_code for client in (first, second, third)] == [302, 200, 200]


def test_a_devices_own_end_leads_to_sign_in(bob: User) -> None:
    here = sign_in()
    assert here.post(f"/accounts/devices/{UserSession.objects.get().pk}/ending/", follow=True).status_code == 200
    assert here.get("/").status_code == 302


def test_a_changed_password_leaves_this_device_alone(bob: User) -> None:
    here, there = sign_in(FIREFOX), sign_in(IPHONE)
    new = {"oldpassword": PASSWORD, "password1": "another-good-one", "password2": "another-good-one"}
    assert here.post("/accounts/password_change/", new).status_code == 302
    page = here.get("/accounts/devices/").content.decode()
    assert "Firefox on Linux" in page
    assert "iPhone" not in page
    assert there.get("/").status_code == 302
