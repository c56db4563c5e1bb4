"""Who and what is proposed for what somebody has typed."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def proposed(user: User, chat: Chat, typed: str) -> list[str]:
    """Return the user names that are proposed behind an @."""
    answer = signed_in(user).get(f"{chat.get_absolute_url()}mentions/", {"q": typed})
    return [option["text"] for option in answer.json()["options"]]


def test_those_in_the_chat_come_first(room: Chat, alice: User, carol: User) -> None:
    User.objects.create_user("bert", first_name="Al Bert")
    assert proposed(alice, room, "b") == ["@bob", "@bert"]
    assert proposed(carol, room, "al") == ["@alice", "@bert", "@all"]
    assert proposed(alice, room, "BOB") == ["@bob"]


def test_nobody_is_proposed_to_themselves(room: Chat, alice: User) -> None:
    assert proposed(alice, room, "alice") == []


def test_in_a_private_room_nobody_is_proposed_who_would_not_hear_of_it(private: Chat, alice: User) -> None:
    assert proposed(alice, private, "carol") == []


def test_the_banned_and_the_inactive_are_not_proposed(room: Chat, alice: User, bob: User, carol: User) -> None:
    room.ban(bob, alice)
    User.objects.filter(pk=carol.pk).update(is_active=False)
    assert proposed(alice, room, "bob") == proposed(alice, room, "carol") == []


def test_few_are_proposed_of_many(room: Chat, alice: User, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        room.admit(User.objects.create_user(f"person{number}"))
    client = signed_in(alice)
    client.get("/")
    with django_assert_max_num_queries(6):
        answer = client.get(f"{room.get_absolute_url()}mentions/", {"q": "person"})
    assert len(answer.json()["options"]) == 8


@pytest.mark.parametrize("typed", ["%", "x" * 10_000, "@@", "' OR 1", "é"])
def test_whatever_is_typed_is_answered(room: Chat, alice: User, typed: str) -> None:
    assert signed_in(alice).get(f"{room.get_absolute_url()}mentions/", {"q": typed}).status_code == 200


def test_an_outsider_and_a_former_member_are_told_nobody(private: Chat, alice: User, bob: User, carol: User) -> None:
    private.release(bob)
    for outsider in (bob, carol):
        assert signed_in(outsider).get(f"{private.get_absolute_url()}mentions/").status_code == 404


def test_emoji_come_with_their_names_and_stay_in_the_browser(room: Chat, alice: User) -> None:
    client = signed_in(alice)
    page = client.get(room.get_absolute_url()).content.decode()
    address = page.partition('data-emoji="')[2].partition('"')[0]
    answer = client.get(address)
    names = {name: sign for sign, *called in answer.json()["emoji"] for name in called}
    assert (names["tada"], names["+1"], names["red_heart"]) == ("🎉", "👍", "❤️")
    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in client.get("/emoji/", {"version": "old"}).get("Cache-Control", "")
