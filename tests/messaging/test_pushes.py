"""Every push of the messenger: who gets it, and who must not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.utils import timezone

from messaging.messages.recipients import notify_about
from messaging.models import Chat, Message
from messaging.tasks import sweep_unnotified
from notifications.models import Notification
from notifications.push import dom_id
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Capture) -> Capture:
    """A block whose changes are committed at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_message_goes_to_its_chat_and_to_no_other(
    private: Chat, room: Chat, alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        message = private.post(alice, "hello")
    article = assert_pushed(pushes, private.stream, f"#{dom_id(message)}")[0]
    assert [event["event"] for event in pushes if event["group"] == private.stream] == ["new_message"]
    assert article["data-seq"] == "1"
    assert article["data-author"] == str(alice.pk)
    assert_not_pushed(pushes, room.stream)
    for outsider in (bob, carol):
        assert_not_pushed(pushes, f"user.{outsider.pk}", "article")
    assert_not_pushed(pushes, f"members.{private.pk}", "article")


def test_lists_of_chats_hear_of_a_message_by_its_number_alone(
    private: Chat, alice: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        private.post(alice, "top secret")
    events = [event for event in pushes if event["group"] == f"members.{private.pk}"]
    assert [(event["seq"], event["html"]) for event in events] == [(1, "")]


def test_nothing_is_pushed_before_the_commit(private: Chat, alice: User, pushes: list[Event]) -> None:
    private.post(alice, "not yet")
    assert pushes == []


def test_the_pushed_message_is_the_one_the_page_shows(
    private: Chat, alice: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        message = private.post(alice, "**same**")
    pushed = assert_pushed(pushes, private.stream, f"#{dom_id(message)}")[0]
    page = BeautifulSoup(signed_in(alice).get(private.get_absolute_url()).content, "html.parser")
    assert str(pushed) == str(page.select_one(f"#{dom_id(message)}"))


def test_edits_and_deletions_replace_the_message_in_its_chat_only(
    private: Chat, room: Chat, alice: User, pushes: list[Event], committed: Capture
) -> None:
    message = private.post(alice, "first")
    with committed():
        message.edit("second")
    with committed():
        message.delete_body()
    first, last = assert_pushed(pushes, private.stream, f"#{dom_id(message)}[hx-swap-oob=true]")
    assert "second" in first.text
    assert "second" not in last.text
    assert "deleted" in last.text
    assert {event["group"] for event in pushes if "second" in event.get("html", "")} == {private.stream}


def test_a_new_name_goes_to_the_room_and_to_its_members(
    private: Chat, room: Chat, alice: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        private.rename("Landing", alice)
    head = assert_pushed(pushes, private.stream, "#chat-name")[0]
    entry = assert_pushed(pushes, f"members.{private.pk}", f"#chat-title-{private.pk}")[0]
    # What does not fit is told by the title.
    for shown in (head, entry):
        assert shown.text.strip() == shown["title"] == "Landing"
    assert_not_pushed(pushes, room.stream)


def test_what_one_has_read_goes_to_ones_own_pages_only(
    private: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    private.post(alice, "hello")
    with committed():
        signed_in(bob).post(f"{private.get_absolute_url()}reading/", {"number": "1"})
    assert assert_pushed(pushes, f"user.{bob.pk}", f"#chat-read-{private.pk}")[0]["data-seq"] == "1"
    assert_not_pushed(pushes, f"user.{alice.pk}", "data")


def test_who_comes_into_a_chat_sees_it_in_their_list_and_nobody_else_does(
    private: Chat, alice: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        private.admit(carol)
    assert_pushed(pushes, f"user.{carol.pk}", f"a[data-chat='{private.pk}']")
    assert_not_pushed(pushes, f"user.{alice.pk}")
    with committed():
        private.release(carol)
    assert "Launch" not in pushes[-1]["html"]


def test_a_mention_is_told_to_the_one_it_names(
    room: Chat, alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    message = room.post(alice, "@bob look")
    with committed():
        notify_about(message)
    assert_pushed(pushes, f"user.{bob.pk}", ".bell-toast")
    assert assert_pushed(pushes, f"user.{bob.pk}", "#bell-badge")[0].text.startswith("1")
    assert_pushed(pushes, f"user.{bob.pk}", ".notification.is-unread")
    for other in (alice, carol):
        assert_not_pushed(pushes, f"user.{other.pk}", ".bell-toast")


def test_a_mention_in_a_private_room_does_not_reach_outsiders(
    private: Chat, alice: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    with committed():
        notify_about(private.post(alice, "@carol must not know"))
    assert_not_pushed(pushes, f"user.{carol.pk}", ".bell-toast")
    assert not Notification.objects.exists()


def test_a_direct_message_is_told_to_the_others(
    alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    chat = Chat.objects.direct([alice, bob])
    with committed():
        notify_about(chat.post(alice, "lunch?"))
    assert "Alice: lunch?" in assert_pushed(pushes, f"user.{bob.pk}", ".bell-toast")[0].text
    assert_not_pushed(pushes, f"user.{alice.pk}", ".bell-toast")
    assert_not_pushed(pushes, f"user.{carol.pk}", ".bell-toast")


def test_telling_twice_tells_once(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "@bob")
    notify_about(message)
    notify_about(message)
    assert bob.inbox.notifications.count() == 1


def test_who_has_read_it_already_is_not_told(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "@bob")
    room.refresh_from_db()
    room.membership_of(bob).mark_read(1)
    notify_about(message)
    assert not Notification.objects.exists()


def test_what_is_deleted_does_not_live_on_in_a_bell(
    room: Chat, alice: User, bob: User, pushes: list[Event], committed: Capture
) -> None:
    message = room.post(alice, "@bob the password is hunter2")
    notify_about(message)
    with committed():
        message.edit("@bob never mind")
    assert "never mind" in assert_pushed(pushes, f"user.{bob.pk}", ".notification")[0].text
    with committed():
        message.delete_body()
    assert "deleted" in bob.inbox.notifications.get().text


def test_what_was_said_in_a_deleted_chat_does_not_live_on_in_a_bell(
    private: Chat, room: Chat, alice: User, bob: User, carol: User, pushes: list[Event], committed: Capture
) -> None:
    for chat in (private, room):
        notify_about(chat.post(alice, "@bob the password is hunter2"))
    stale = private.post(alice, "@bob hunter3")
    with committed():
        Chat.objects.get(pk=private.pk).delete()
    notify_about(stale)
    texts = {*bob.inbox.notifications.values_list("text"), *bob.inbox.occurrences.values_list("text")}
    assert texts == {("This chat was deleted.",), ("Alice in General: @bob the password is hunter2",)}
    row = assert_pushed(pushes, f"user.{bob.pk}", ".notification")[0]
    assert "This chat was deleted." in row.text
    assert_not_pushed(pushes, f"user.{carol.pk}", ".notification")


def test_one_message_that_cannot_be_told_does_not_keep_the_others(
    room: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = room.post(alice, "@bob bad"), room.post(alice, "@bob good")
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=1))

    def tell(message: Message) -> None:
        if message == bad:
            raise RuntimeError
        notify_about(message)

    monkeypatch.setattr("messaging.tasks.notify_about", tell)
    sweep_unnotified()
    assert [occurrence.key for occurrence in bob.inbox.occurrences.all()] == [f"message.{good.pk}"]


def test_a_deleted_message_is_told_to_nobody(room: Chat, alice: User, bob: User) -> None:
    message = room.post(alice, "@bob")
    message.delete_body()
    notify_about(message)
    assert not Notification.objects.exists()


def test_the_sweeper_finds_what_the_queue_never_got(room: Chat, alice: User, bob: User) -> None:
    old, fresh = room.post(alice, "@bob old"), room.post(alice, "@bob fresh")
    Message.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    sweep_unnotified()
    assert [occurrence.key for occurrence in bob.inbox.occurrences.all()] == [f"message.{old.pk}"]
    fresh.refresh_from_db()
    assert fresh.notified_at is None, "its own task may still be on the way"
    sweep_unnotified()
    assert bob.inbox.notifications.count() == 1
