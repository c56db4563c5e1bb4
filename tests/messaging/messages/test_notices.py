"""What notifications say of a message while it changes: all or nothing, and what it says in the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging.chats.mentions import MOST_MENTIONED
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership, Message
from notifications.inbox.bulk import PUSH_LIMIT
from notifications.models import Inbox, Notification, Occurrence
from tests.messaging.messages.test_posting import in_threads

pytestmark = pytest.mark.django_db

SECRET = "Alice in General: @bob the password is hunter2"


@pytest.fixture
def told(room: Chat, alice: User, bob: User) -> Message:
    """A message that bob has been told of."""
    message = room.post(alice, "@bob the password is hunter2")
    notify_about(message)
    return message


def said(user: User) -> set[str]:
    """Return all that somebody's bell says or could say again."""
    found = (model.objects.filter(inbox=user.pk).values_list("text", flat=True) for model in (Notification, Occurrence))
    return {text for texts in found for text in texts}


def crowd(size: int, name: str = "person") -> list[User]:
    """Return new people."""
    people: list[User] = User.objects.bulk_create(User(username=f"{name}{number}") for number in range(size))
    return people


def queries(do: Callable[[], object]) -> int:
    """Return how many queries something takes until it commits."""
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


# Nothing commits in most of these tests, so nothing is done that waits for the commit: as if the process died there.


def test_what_is_edited_or_deleted_is_so_in_the_bell_with_the_same_commit(told: Message, bob: User) -> None:
    told.edit("@bob never mind")
    assert said(bob) == {"Alice in General: @bob never mind"}
    told.delete_body()
    assert said(bob) == {"Alice in General: a message that was deleted"}


@pytest.mark.parametrize("how", [lambda chat: chat.delete(), lambda chat: Chat.objects.filter(pk=chat.pk).delete()])
def test_a_chat_is_deleted_from_the_bell_with_the_same_commit(
    told: Message, bob: User, how: Callable[[Chat], object]
) -> None:
    how(told.chat)
    assert said(bob) == {"This chat was deleted."}


@pytest.mark.parametrize("how", [Message.delete_body, lambda message: message.edit("x"), lambda it: it.chat.delete()])
def test_what_fails_before_its_commit_leaves_message_and_bell_as_they_were(
    told: Message, bob: User, how: Callable[[Message], object]
) -> None:
    with transaction.atomic():
        how(Message.objects.get(pk=told.pk))
        transaction.set_rollback(True)
    told.refresh_from_db()
    assert told.body == "@bob the password is hunter2"
    assert said(bob) == {SECRET}


def test_an_edit_costs_the_same_however_many_members_there_are_and_were_told(room: Chat, alice: User) -> None:
    few, many = crowd(2, "few"), crowd(60, "many")
    one = room.post(alice, " ".join(f"@{user.username}" for user in few))
    other = room.post(alice, " ".join(f"@{user.username}" for user in many))
    silent = room.post(alice, "hello")
    for message in (one, other, silent):
        notify_about(message)
    alone = queries(lambda: silent.edit("hello!"))
    Membership.objects.bulk_create(Membership(chat=room, user=user) for user in many)
    assert queries(lambda: silent.edit("hello!!")) == alone
    assert queries(lambda: other.edit("never mind")) == queries(lambda: one.edit("never mind")) <= alone + 5


@pytest.mark.parametrize("is_direct", [False, True], ids=["mentions", "direct"])
def test_telling_costs_the_same_however_many_are_told(room: Chat, alice: User, is_direct: bool) -> None:
    def tell(people: list[User]) -> None:
        chat = Chat.objects.direct([alice, *people]) if is_direct else room
        message = chat.post(alice, " ".join(f"@{user.username}" for user in people))
        taken.append(queries(partial(notify_about, message)))
        assert Occurrence.objects.filter(key=f"message.{message.pk}").count() == len(people)

    taken: list[int] = []
    alice = User.objects.select_related("called").get(pk=alice.pk)
    for people in (crowd(PUSH_LIMIT + 1, "few"), crowd(MOST_MENTIONED, "many")):
        tell(people)
    assert taken[0] == taken[1]


def test_everybody_is_told_once_and_what_it_is_for_them(room: Chat, alice: User, bob: User, carol: User) -> None:
    dora = User.objects.create_user("dora")
    for user, level in ((bob, Membership.Level.ALL), (dora, Membership.Level.ALL), (alice, Membership.Level.ALL)):
        room.admit(user).set_level(level)
    notify_about(room.post(alice, "@BOB @carol @alice look"))
    rows = Notification.objects.values_list("inbox", "kind", "count")
    assert set(rows) == {(bob.pk, "mention", 1), (carol.pk, "mention", 1), (dora.pk, "message", 1)}


def blocks_somebody() -> bool:
    """Return whether somebody waits for what this connection has locked."""
    if connection.vendor == "sqlite":
        return True  # Whoever writes keeps all others waiting, from their beginning on.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", [Message.delete_body, lambda message: message.edit("never mind")])
def test_what_changes_while_it_is_told_is_told_as_it_is_then(
    room: Chat, alice: User, bob: User, how: Callable[[Message], object]
) -> None:
    message = room.post(alice, "@bob the password is hunter2")
    stale = Message.objects.select_related("chat", "author").get(pk=message.pk)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            how(message)
            telling = pool.submit(in_threads, partial(notify_about, stale))
            while not (telling.done() or blocks_somebody()):
                pass
        assert telling.result(timeout=30) == []
    assert said(bob) == {message.line}


@pytest.mark.django_db(transaction=True)
def test_the_bell_says_in_the_end_what_the_message_says(told: Message, bob: User) -> None:
    def edit(message: Message) -> None:
        for number in range(20):
            message.edit(f"number {number}")

    def tell(message: Message) -> None:
        for _ in range(20):
            notify_about(message)

    copies = [Message.objects.select_related("chat", "author").get(pk=told.pk) for _ in range(4)]
    assert in_threads(*(partial(do, copy) for do, copy in zip((edit, edit, tell, tell), copies, strict=True))) == []
    told.refresh_from_db()
    assert said(bob) == {told.line}


@pytest.mark.django_db(transaction=True)
def test_chats_that_are_deleted_together_lock_inboxes_in_the_order_of_all_others(
    alice: User, bob: User, carol: User
) -> None:
    chats = [Chat.objects.direct([alice, user]) for user in (carol, bob)]
    for chat in chats:
        notify_about(chat.post(alice, "hello"))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Inbox.objects.lock([bob.pk])
            deleting = pool.submit(in_threads, Chat.objects.filter(pk__in=[chat.pk for chat in chats]).delete)
            while not (deleting.done() or blocks_somebody()):
                pass
            Inbox.objects.lock([carol.pk])
        assert deleting.result(timeout=30) == []
    assert said(bob) == said(carol) == {"This chat was deleted."}


def test_only_what_somebody_waits_for_is_a_task(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queued: list[int] = []
    monkeypatch.setattr("messaging.receivers.enqueue", lambda task, pk: queued.append(pk))
    pair = Chat.objects.direct([alice, bob])
    with django_capture_on_commit_callbacks(execute=True):
        room.post(alice, "to nobody by name")
        named = room.post(alice, "@bob look")
        pair.release(bob)
        direct = pair.post(alice, "come back")
        room.membership_of(bob).set_level(Membership.Level.ALL)
        wanted = room.post(alice, "to whoever wants to hear all of it")
        own = room.post(bob, "who wants to hear all of it hears nothing of themselves")
    assert queued == [named.pk, direct.pk, wanted.pk]
    assert set(Message.objects.filter(notified_at=None)) == {named, direct, wanted}
    assert own.notified_at
