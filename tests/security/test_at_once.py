"""M7: what only one may be stays one, whoever comes at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connections

from messaging.models import Chat, Membership
from notifications.models import Notification
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do these at the same moment, each on a connection of its own; return what each has returned or raised."""
    together = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        together.wait(timeout=10)
        try:
            return deed()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [done.result(timeout=60) for done in [threads.submit(run, deed) for deed in deeds]]


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [User.objects.create_user(f"person{number}") for number in range(6)]


def fresh(chat: Chat) -> Chat:
    """Return the chat as another request reads it."""
    return Chat.objects.get(pk=chat.pk)


def codes(answers: list[object]) -> list[int]:
    return [getattr(answer, "status_code", 0) for answer in answers]


def owners(chat: Chat) -> int:
    return chat.memberships.filter(is_owner=True).count()


@pytest.mark.parametrize("kind", [Chat.Kind.OPEN, Chat.Kind.PRIVATE])
def test_of_those_who_come_into_an_empty_room_at_once_one_owns_it(alice: User, crowd: list[User], kind: str) -> None:
    for number in range(9):
        chat = Chat.objects.start(alice, f"Room {number}", kind)
        chat.release(alice)
        came = at_once(*(partial(fresh(chat).admit, user) for user in crowd[:3]))
        assert {type(each) for each in came} == {Membership}
        assert (chat.memberships.count(), owners(chat)) == (3, 1)


def test_of_those_who_press_join_or_write_or_type_its_name_at_once_one_owns_it(alice: User, crowd: list[User]) -> None:
    for number in range(5):
        chat = Chat.objects.start(alice, f"Room {number}", Chat.Kind.OPEN)
        chat.release(alice)
        one, two, three = (signed_in(user) for user in crowd[:3])
        answers = at_once(
            partial(one.post, f"/chats/{chat.pk}/joining/"),
            partial(two.post, f"/chats/{chat.pk}/messages/", {"body": "hello"}),
            partial(three.post, "/rooms/", {"name": f"room {number}"}),
        )
        assert codes(answers) == [303] * 3
        assert (chat.memberships.count(), owners(chat)) == (3, 1)


def test_who_comes_while_the_owner_goes_leaves_one_owner(room: Chat, alice: User, bob: User, crowd: list[User]) -> None:
    for _ in range(5):
        owner = room.memberships.get(is_owner=True).user
        at_once(
            partial(fresh(room).release, owner),
            *(partial(fresh(room).admit, user) for user in crowd),
        )
        assert owners(room) == 1
        room.admit(owner)
        assert owners(room) == 1


def test_who_comes_after_an_owner_s_account_was_deleted_does_not_own_what_others_are_in(
    room: Chat, alice: User, bob: User, carol: User
) -> None:
    alice.delete()
    at_once(partial(fresh(room).admit, carol), partial(fresh(room).admit, bob))
    assert list(room.memberships.filter(is_owner=True).values_list("user", flat=True)) == [bob.pk]


def test_one_who_is_invited_by_six_at_once_is_told_once(private: Chat, alice: User, bob: User, carol: User) -> None:
    browsers = [signed_in(user) for user in (alice, bob) * 3]
    address = f"/chats/{private.pk}/members/"
    answers = at_once(*(partial(browser.post, address, {"people": "carol"}) for browser in browsers))
    assert codes(answers) == [303] * 6
    assert private.memberships.filter(user=carol).count() == 1
    assert Notification.objects.get(inbox=carol.pk).count == 1


def test_removal_and_coming_back_at_once_leave_them_out(room: Chat, alice: User, bob: User) -> None:
    for _ in range(5):
        at_once(
            partial(fresh(room).ban, bob, alice),
            partial(fresh(room).admit, bob),
            partial(fresh(room).post, bob, "still here"),
            partial(fresh(room).invite, bob, alice),
        )
        assert room.membership_of(bob) is None
        room.lift_ban(bob, alice)
        room.admit(bob)
