"""Chats: who sees them, who comes and goes, how they are found."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from messaging.models import Chat, Membership
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_open_rooms_are_visible_to_all_and_private_ones_to_members(
    room: Chat, private: Chat, bob: User, carol: User
) -> None:
    assert set(Chat.objects.visible_to(bob)) == {room, private}
    assert set(Chat.objects.visible_to(carol)) == {room}


def test_direct_chats_are_visible_to_their_people_only(alice: User, bob: User, carol: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    assert chat in Chat.objects.visible_to(bob)
    assert chat not in Chat.objects.visible_to(carol)


def test_a_direct_chat_of_the_same_people_is_the_same_chat(alice: User, bob: User, carol: User) -> None:
    assert Chat.objects.direct([alice, bob]) == Chat.objects.direct([bob, alice, bob])
    assert Chat.objects.direct([alice, bob]) != Chat.objects.direct([alice, bob, carol])
    assert Chat.objects.direct([alice, bob, carol]).title_for(bob) == "Alice, Carol"


def test_entering_a_name_makes_the_room_once(alice: User, bob: User) -> None:
    made = Chat.objects.enter(alice, "Tea")
    assert made.membership_of(alice).is_owner
    assert Chat.objects.enter(bob, "tea") == made
    assert not made.membership_of(bob).is_owner


def test_the_name_of_a_private_room_does_not_lead_outsiders_into_it(private: Chat, bob: User, carol: User) -> None:
    assert Chat.objects.enter(bob, "Launch") == private
    assert Chat.objects.enter(carol, "Launch") != private
    assert private not in Chat.objects.visible_to(carol)


def test_two_open_rooms_cannot_share_a_name(room: Chat, alice: User) -> None:
    with pytest.raises(IntegrityError):
        Chat.objects.start(alice, "general", Chat.Kind.OPEN)


def test_who_joins_begins_with_nothing_unread(room: Chat, alice: User, carol: User) -> None:
    room.post(alice, "before")
    room.refresh_from_db()
    assert room.admit(carol).read_number == room.last_number == 1


def test_an_owner_who_leaves_is_followed_by_the_longest_standing_member(room: Chat, alice: User, bob: User) -> None:
    room.release(alice)
    assert room.membership_of(bob).is_owner
    room.release(bob)
    assert not room.memberships.exists()
    assert room.admit(alice).is_owner, "somebody must be able to rename it again"


def test_reading_never_goes_back(room: Chat, alice: User, bob: User) -> None:
    for body in "abc":
        room.post(alice, body)
    membership = room.membership_of(bob)
    assert membership.mark_read(2)
    assert not membership.mark_read(1)
    membership.refresh_from_db()
    assert membership.read_number == 2


def delete_on_admission(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every chat be deleted just before somebody is admitted to it."""
    admit = Chat.admit

    def delete_and_admit(chat: Chat, user: User) -> Membership:
        Chat.objects.filter(pk=chat.pk).delete()
        return admit(chat, user)

    monkeypatch.setattr(Chat, "admit", delete_and_admit)


@pytest.mark.django_db(transaction=True)
def test_a_room_that_is_deleted_while_carol_enters_it_is_said_to_be_gone(
    room: Chat, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_on_admission(monkeypatch)
    answer = signed_in(carol).post("/rooms/", {"name": room.name})
    assert (answer.status_code, "just deleted" in answer.content.decode()) == (422, True)


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_is_deleted_while_carol_is_brought_back_is_not_found(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Chat.objects.direct([alice, bob, carol]).release(carol)
    delete_on_admission(monkeypatch)
    assert signed_in(alice).post("/chats/direct/", {"people": "bob carol"}).status_code == 404
