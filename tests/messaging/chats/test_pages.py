"""What stands at the top of a chat's pages, and what its fields suggest."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from messaging.models import Chat
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def page(user: User, address: str) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(address).content, "html.parser")


def test_a_group_of_many_has_its_names_in_titles_and_a_short_one_in_the_window(alice: User) -> None:
    others = [User.objects.create_user(f"person{number}", first_name=f"Somebody {number}") for number in range(40)]
    chat = Chat.objects.direct([alice, *others])
    title = chat.title_for(alice)
    assert len(title) > 500
    head, members = page(alice, chat.get_absolute_url()), page(alice, f"{chat.get_absolute_url()}members/")
    for shown in (head.select_one("h1"), head.select_one(f"#chat-title-{chat.pk}"), members.select_one(".back a")):
        assert shown["title"] == title
    for window in (head, members):
        assert len(window.title.text) < 100
        assert window.title.text.endswith("… · Bellwire")


def test_who_is_not_in_a_room_yet_is_suggested_where_people_are_invited(
    private: Chat, alice: User, carol: User
) -> None:
    User.objects.create_user("gone", is_active=False)
    (field,) = page(alice, f"{private.get_absolute_url()}members/").select("input[name=people]")
    for user, suggested in ((alice, ["carol"]), (carol, ["alice", "bob", "carol"])):
        options = page(user, f"{field['hx-get']}&people=").select("option")
        assert [option["value"] for option in options] == suggested, "an outsider is not told who is in it"


def test_every_list_that_a_page_names_is_there(private: Chat, alice: User, bob: User) -> None:
    direct = Chat.objects.direct([alice, bob])
    for address in ("/", *(f"{chat.get_absolute_url()}members/" for chat in (private, direct))):
        found = page(alice, address)
        for field in found.select("[list]"):
            assert found.find("datalist", id=field["list"]), address
