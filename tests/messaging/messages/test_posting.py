"""Posting: order, repeats, rights."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection

from messaging.models import Chat, Message

pytestmark = pytest.mark.django_db


def in_threads(*jobs: Callable[[], object]) -> list[Exception]:
    """Run the jobs at the same time; return what went wrong."""
    errors: list[Exception] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_every_change_takes_the_next_seq_and_only_messages_a_number(room: Chat, alice: User) -> None:
    first, second = room.post(alice, "one"), room.post(alice, "two")
    first.edit("one!")
    second.delete_body()
    third = room.post(alice, "three")
    assert [message.number for message in (first, second, third)] == [1, 2, 3]
    assert [first.changed_seq, second.changed_seq, third.changed_seq] == [3, 4, 5]
    room.refresh_from_db()
    assert (room.seq, room.last_number) == (5, 3)


def test_a_repeated_form_is_one_message(room: Chat, alice: User, bob: User) -> None:
    client_id = uuid.uuid4()
    first = room.post(alice, "once", client_id)
    assert room.post(alice, "once", client_id) == first
    assert room.post(bob, "mine", client_id) != first, "another author's id is another message"
    room.refresh_from_db()
    assert room.last_number == 2


def test_a_spent_form_is_not_lost_when_it_says_something_else(room: Chat, private: Chat, alice: User) -> None:
    client_id = uuid.uuid4()
    first = room.post(alice, "x", client_id)
    for chat, body in ((private, "x"), (room, "y")):
        with pytest.raises(ValidationError, match="another message already"):
            chat.post(alice, body, client_id)
    first.edit("x, edited")
    assert room.post(alice, "x", client_id) == first, "what was posted then cannot be compared any more"
    assert Message.objects.count() == 1


def test_an_outsider_cannot_post_in_a_private_room(private: Chat, carol: User) -> None:
    with pytest.raises(Chat.DoesNotExist):
        private.post(carol, "let me in")
    assert not Message.objects.exists()


def test_posting_in_an_open_room_joins_it(room: Chat, carol: User) -> None:
    room.post(carol, "hello")
    assert room.membership_of(carol).read_number == 1


def test_what_cannot_be_stored_leaves_nothing_behind(room: Chat, alice: User) -> None:
    with pytest.raises(ValidationError):
        room.post(alice, "\0")
    room.refresh_from_db()
    assert room.seq == 0


def test_ones_own_message_is_read_and_unread_for_others(room: Chat, alice: User, bob: User) -> None:
    room.post(alice, "hello")
    room.refresh_from_db()
    assert room.membership_of(alice).read_number == 1
    assert room.membership_of(bob).read_number == 0


def test_a_deleted_message_keeps_nothing_of_its_text(room: Chat, alice: User) -> None:
    message = room.post(alice, "secret")
    message.delete_body()
    message.refresh_from_db()
    assert (message.body, message.html) == ("", "")
    with pytest.raises(Message.DoesNotExist):
        message.edit("back")


def test_posting_costs_the_same_however_many_members(
    room: Chat, alice: User, django_assert_num_queries: object, django_user_model: type[User]
) -> None:
    def queries() -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            room.post(alice, "hello")
        return len(captured)

    few = queries()
    for number in range(50):
        room.admit(django_user_model.objects.create_user(f"member{number}"))
    assert queries() == few <= 8


@pytest.mark.django_db(transaction=True)
def test_posts_at_the_same_time_leave_no_hole_and_no_double(room: Chat, alice: User, bob: User) -> None:
    twice = [uuid.uuid4() for _ in range(10)]

    def post(author: User, client_ids: list[uuid.UUID]) -> None:
        for client_id in client_ids:
            Chat.objects.get(pk=room.pk).post(author, "x", client_id)

    others = [[uuid.uuid4() for _ in range(10)] for _ in range(2)]
    errors = in_threads(
        partial(post, alice, twice),
        partial(post, alice, twice),
        partial(post, bob, others[0]),
        partial(post, bob, others[1]),
    )
    assert not errors
    numbers = list(room.messages.order_by("number").values_list("number", "created_seq"))
    assert numbers == [(number, number) for number in range(1, 31)]


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_while_posting_stays_removed(private: Chat, alice: User, bob: User) -> None:
    def post_until_removed() -> None:
        while True:
            Chat.objects.get(pk=private.pk).post(bob, "still here")

    def remove() -> None:
        while not private.messages.exists():
            pass
        Chat.objects.get(pk=private.pk).release(bob)

    errors = in_threads(post_until_removed, post_until_removed, remove)
    assert {type(error) for error in errors} == {Chat.DoesNotExist}
    assert private.membership_of(bob) is None


@pytest.mark.django_db(transaction=True)
def test_joining_and_posting_do_not_wait_for_each_other(room: Chat, carol: User) -> None:
    for _ in range(10):
        room.memberships.filter(user=carol).delete()
        jobs: list[Callable[[], object]] = []
        for _ in range(2):
            jobs.append(lambda: Chat.objects.get(pk=room.pk).post(carol, "hello"))
            jobs.append(lambda: Chat.objects.get(pk=room.pk).admit(carol))
        assert in_threads(*jobs) == []
    assert room.membership_of(carol)


@pytest.mark.django_db(transaction=True)
def test_chat_that_is_deleted_while_people_come_and_post_is_gone_for_them(alice: User, bob: User, carol: User) -> None:
    limit = time.monotonic() + 30
    for count in range(10):
        chat = Chat.objects.start(alice, f"Doomed {count}", Chat.Kind.OPEN)
        chat.admit(bob)

        def post_until_gone(chat: Chat = chat) -> None:
            while time.monotonic() < limit:
                Chat.objects.get(pk=chat.pk).post(bob, "still here")

        def come_and_go_until_gone(chat: Chat = chat) -> None:
            while time.monotonic() < limit:
                Chat.objects.get(pk=chat.pk).admit(carol)
                chat.release(carol)

        def delete(chat: Chat = chat) -> None:
            while not chat.messages.exists():
                pass
            Chat.objects.filter(pk=chat.pk).delete()

        errors = in_threads(post_until_gone, post_until_gone, come_and_go_until_gone, come_and_go_until_gone, delete)
        assert [type(error) for error in errors] == [Chat.DoesNotExist] * 4


def test_an_edit_shows_what_was_added_while_it_was_written(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "We launch on Friday.")
    written = Message.objects.get(pk=message.pk)
    message.change_part("reactions", lambda _: [["👍", [bob.pk]]])
    written.edit("We launch on Monday.")
    assert json.loads(written.shown.parts) == {"reactions": [["👍", [bob.pk]]]}
    message.refresh_from_db()
    assert message.parts == {"reactions": [["👍", [bob.pk]]]}
