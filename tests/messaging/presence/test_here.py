"""@here rings those of the chat who are online when it is said, and nobody else."""

import pytest
from django.contrib.auth.models import User

from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership, Message
from messaging.presence import pages
from notifications.models import Occurrence
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def come(*users: User) -> None:
    for user in users:
        pages.note(user.pk, "a" * 16, "visible", 1, lambda pk, state: None)


def rung(message: Message) -> set[str]:
    """Return whose bells ring for a message."""
    notify_about(message)
    told = Occurrence.objects.filter(key=message.key).values("inbox")
    return set(User.objects.filter(pk__in=told).values_list("username", flat=True))


@pytest.fixture
def dave(room: Chat) -> User:
    """A third member, who is not online."""
    dave = User.objects.create_user("dave")
    room.admit(dave)
    return dave


def test_who_is_online_in_the_chat_is_rung(room: Chat, alice: User, bob: User, carol: User, dave: User) -> None:
    come(alice, bob, carol)
    message = room.post(alice, "Tea for @here!")
    assert "<mark>@here</mark>" in message.html.replace(' class="mention"', "")
    come(dave)
    assert rung(message) == {"bob"}


def test_nobody_is_rung_where_nobody_is(room: Chat, alice: User, dave: User) -> None:
    assert rung(room.post(alice, "@here")) == set()


def test_an_edit_rings_nobody_else_and_keeps_who_was_rung(room: Chat, alice: User, bob: User, dave: User) -> None:
    come(bob)
    loud, quiet = room.post(alice, "Tea @here"), room.post(alice, "Tea")
    come(dave)
    loud.edit("Coffee @here")
    quiet.edit("Coffee @here")
    assert (rung(loud), rung(quiet)) == ({"bob"}, set())


def test_a_room_whose_owner_forbids_it_is_not_rung(room: Chat, alice: User, bob: User) -> None:
    come(alice, bob)
    Chat.objects.filter(pk=room.pk).update(may_ring_all=False)
    room.refresh_from_db()
    assert rung(room.post(bob, "@here")) == set()
    answer = signed_in(bob).post(f"{room.get_absolute_url()}messages/", {"body": "@here hear me"}, headers=HTMX)
    assert (answer.status_code, "only its owner may ring" in answer.content.decode()) == (422, True)


def test_who_rings_more_than_twenty_is_asked_first(room: Chat, alice: User, bob: User) -> None:
    crowd = [User.objects.create_user(f"person{number}") for number in range(21)]
    Membership.objects.bulk_create(Membership(chat=room, user=user) for user in crowd)
    address, form = f"{room.get_absolute_url()}messages/", {"body": "Tea for @here"}
    come(alice, *crowd[:20])
    assert signed_in(alice).post(address, form).status_code == 303, "twenty are rung unasked"
    come(crowd[20])
    answer = signed_in(alice).post(address, form)
    assert (answer.status_code, "@here rings 21 people." in answer.content.decode()) == (422, True)
    assert signed_in(alice).post(address, {**form, "ring_all": "yes"}).status_code == 303


def test_it_is_proposed(room: Chat, alice: User) -> None:
    options = signed_in(alice).get(f"{room.get_absolute_url()}mentions/", {"q": "he"}).json()["options"]
    assert [option["text"] for option in options] == ["@here"]
