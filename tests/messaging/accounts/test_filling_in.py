"""What browsers fill in by themselves: names and passwords where they belong, and nowhere else."""

from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Chat
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def soup(response: Any) -> BeautifulSoup:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def hints(form: Any) -> list[str]:
    """Return what a form says of its fields for names and passwords, in their order."""
    return [str(each.get("autocomplete")) for each in form.select("input[name=username], input[type=password]")]


def test_a_password_stands_below_the_name_that_it_is_kept_under(bob: User) -> None:
    for page, expected in (
        ("login", ["username", "current-password"]),
        ("signup", ["username", "new-password", "new-password"]),
    ):
        (form,) = soup(Client().get(f"/accounts/{page}/")).select("form:has([type=password])")
        assert hints(form) == expected
        assert form.select_one("[name=username]")["autocapitalize"] == "none", "a phone would begin it with a capital"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("password_change", ["username", "current-password", "new-password", "new-password"]),
        ("password_set", ["username", "new-password", "new-password"]),
        ("reauthenticate", ["username", "current-password"]),
        ("reset", ["username", "new-password", "new-password"]),
    ],
)
def test_a_page_for_passwords_alone_says_whose_they_are(bob: User, page: str, expected: list[str]) -> None:
    if page == "password_set":
        bob.set_unusable_password()
    else:
        bob.set_password("a-good-long-one")
    bob.save()
    browser = signed_in(bob)
    if page == "reset":
        browser = Client()
        page = f"reset/{user_pk_to_url_str(bob)}-{default_token_generator.make_token(bob)}"
    (form,) = soup(browser.get(f"/accounts/{page}/", follow=True)).select("form:has([type=password])")
    assert hints(form) == expected
    name = form.select_one("[name=username]")
    assert (name["value"], name.has_attr("hidden")) == ("bob", True)


def test_boxes_for_rooms_and_for_others_are_left_alone(alice: User) -> None:
    room = Chat.objects.start(alice, "General", Chat.Kind.OPEN)
    browser = signed_in(alice)
    for page in ("/", "/chats/new/", f"/chats/{room.pk}/name/", f"/chats/{room.pk}/members/"):
        boxes = soup(browser.get(page)).select("main input[name=name], main input[name=people]")
        assert boxes, page
        assert {box.get("autocomplete") for box in boxes} == {"off"}, page


def test_one_s_own_name_may_be_filled_in(bob: User) -> None:
    for page in (signed_in(bob).get("/accounts/profile/"), Client().get("/accounts/signup/")):
        assert soup(page).select_one("input[name=first_name]")["autocomplete"] == "name"
