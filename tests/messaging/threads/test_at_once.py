"""Threads while several people do something at once: nothing is lost or doubled, and nobody waits for nobody."""

from collections.abc import Callable
from threading import Event

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat, Membership, Message
from messaging.reactions.part import react
from messaging.threads.answering import AlsoInChat, thread_of
from tests.messaging.messages.test_posting import in_threads

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 30


def first_answer(root: Message, author: User) -> None:
    Chat.objects.post(thread_of(Message.objects.get(pk=root.pk)).pk, author, "an answer")


def test_several_first_answers_make_one_thread(room: Chat, alice: User, bob: User) -> None:
    for _ in range(5):
        root = room.post(alice, "We launch on Friday.")
        jobs: list[Callable[[], object]] = [lambda root=root: first_answer(root, bob)] * 2  # type: ignore[misc]
        assert in_threads(*jobs, lambda root=root: first_answer(root, alice)) == []  # type: ignore[misc]
        root.refresh_from_db()
        assert root.parts["thread"]["count"] == 3
        thread = Chat.objects.get(root=root)
        assert set(thread.memberships.values_list("user", flat=True)) == {alice.pk, bob.pk}


def test_answers_messages_and_reactions_at_once_are_all_there(room: Chat, alice: User, bob: User) -> None:
    root = room.post(alice, "We launch on Friday.")
    thread = thread_of(root)

    def answer(author: User) -> None:
        for number in range(10):
            Chat.objects.post(thread.pk, author, f"answer {number}", additions=[AlsoInChat()] if number % 2 else [])

    def talk() -> None:
        for number in range(10):
            Chat.objects.post(room.pk, bob, f"message {number}")

    def nod() -> None:
        for number in range(10):
            react(Message.objects.get(pk=root.pk), bob, "👍", is_on=number % 2 == 0)

    assert in_threads(lambda: answer(alice), lambda: answer(bob), talk, nod) == []
    root.refresh_from_db()
    assert root.parts["thread"]["count"] == thread.messages.count() == 20
    seqs = [*room.messages.values_list("created_seq", flat=True)]
    assert len(seqs) == len(set(seqs)) == 21


def test_who_is_removed_while_answering_stays_removed(private: Chat, alice: User, bob: User) -> None:
    thread = thread_of(private.post(alice, "We launch on Friday."))

    has_answered = Event()

    def answer_until_removed() -> None:
        while True:
            Chat.objects.post(thread.pk, bob, "still here", additions=[AlsoInChat()])
            has_answered.set()

    def follow_until_removed() -> None:
        while True:
            Chat.objects.get(pk=thread.pk).admit(bob)

    def remove() -> None:
        assert has_answered.wait(SECONDS)
        Chat.objects.get(pk=private.pk).ban(bob, alice)

    errors = in_threads(answer_until_removed, follow_until_removed, remove)
    assert {type(error) for error in errors} == {Chat.DoesNotExist}
    assert not Membership.objects.filter(user=bob).exists()


def test_a_chat_that_is_deleted_while_people_answer_is_gone_with_its_threads(alice: User, bob: User) -> None:
    for count in range(5):
        chat = Chat.objects.start(alice, f"Doomed {count}", Chat.Kind.OPEN)
        root, has_answered = chat.post(alice, "We launch on Friday."), Event()

        def answer_until_gone(root: Message = root, has_answered: Event = has_answered) -> None:
            while True:
                first_answer(root, bob)
                has_answered.set()

        def delete(chat: Chat = chat, has_answered: Event = has_answered) -> None:
            assert has_answered.wait(SECONDS)
            Chat.objects.filter(pk=chat.pk).delete()

        errors = in_threads(answer_until_gone, answer_until_gone, delete)
        assert {type(error) for error in errors} <= {Chat.DoesNotExist, Message.DoesNotExist}
        assert not Chat.objects.filter(parent=chat.pk).exists()
