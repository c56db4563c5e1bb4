"""What of a chat its members are notified of: every message, mentions, or nothing."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.messages.recipients import notify_about, recipients
from messaging.models import Chat, Membership, Message
from notifications.models import Inbox, Notification, Occurrence
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

Level = Membership.Level


def set_level(chat: Chat, user: User, level: str) -> None:
    membership = chat.membership_of(user)
    assert membership
    membership.set_level(level)


def told(user: User) -> list[tuple[str, str, int]]:
    """Return kind, text and count of somebody's rows."""
    rows = Notification.objects.filter(inbox=user.pk).latest_first()
    return list(rows.values_list("kind", "text", "count"))


def test_rooms_tell_of_mentions_and_direct_chats_of_everything(room: Chat, alice: User, bob: User, carol: User) -> None:
    direct = Chat.objects.direct([alice, bob])
    room.admit(carol)
    assert set(room.memberships.values_list("level", flat=True)) == {Level.MENTIONS}
    assert set(direct.memberships.values_list("level", flat=True)) == {Level.ALL}


def test_every_message_is_counted_in_one_row_of_its_chat(room: Chat, alice: User, bob: User, carol: User) -> None:
    set_level(room, bob, Level.ALL)
    for number in range(3):
        notify_about(room.post(alice, f"number {number}"))
    assert told(bob) == [("message", "Alice in General: number 2", 3)]
    assert Notification.objects.get(inbox=bob.pk).what == "3 new messages"
    assert not told(alice), "it is her own"
    assert not told(carol)


def test_mentions_have_a_row_of_their_own_and_are_told_once(room: Chat, alice: User, bob: User) -> None:
    set_level(room, bob, Level.ALL)
    notify_about(room.post(alice, "hello"))
    notify_about(room.post(alice, "hello @Bob"))
    assert told(bob) == [("mention", "Alice in General: hello @Bob", 1), ("message", "Alice in General: hello", 1)]


def test_reading_the_chat_reads_both(room: Chat, alice: User, bob: User) -> None:
    set_level(room, bob, Level.ALL)
    notify_about(room.post(alice, "hello"))
    notify_about(room.post(alice, "hello @bob"))
    signed_in(bob).post(f"{room.get_absolute_url()}reading/", {"number": "2"})
    assert not Inbox.objects.of(bob).notifications.unread().exists()


@pytest.mark.parametrize("kind", ["room", "private", "direct"])
def test_nothing_silences_mentions_too(
    kind: str, alice: User, bob: User, carol: User, request: pytest.FixtureRequest
) -> None:
    chat = Chat.objects.direct([alice, bob]) if kind == "direct" else request.getfixturevalue(kind)
    set_level(chat, bob, Level.NOTHING)
    notify_about(chat.post(alice, "@bob"))
    assert not told(bob)


def test_a_direct_chat_may_tell_of_mentions_only(alice: User, bob: User) -> None:
    chat = Chat.objects.direct([alice, bob])
    set_level(chat, bob, Level.MENTIONS)
    notify_about(chat.post(alice, "hello"))
    assert not told(bob)
    notify_about(chat.post(alice, "hello @bob"))
    assert told(bob) == [("direct", "Alice: hello @bob", 1)]


def test_who_has_read_it_is_not_told(room: Chat, alice: User, bob: User) -> None:
    set_level(room, bob, Level.ALL)
    message = room.post(alice, "hello")
    membership = room.membership_of(bob)
    assert membership
    membership.mark_read(message.number)
    notify_about(message)
    assert not told(bob)


def test_posting_writes_nothing_for_each_member(room: Chat, alice: User) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            room.post(alice, "hello")
        return [query["sql"].split()[0] for query in captured]

    few = queries()
    _crowd(room)
    assert queries() == few


def test_many_who_want_every_message_are_found_and_told_in_a_bounded_number_of_queries(room: Chat, alice: User) -> None:
    crowd = _crowd(room)
    message = room.post(alice, "hello")
    with CaptureQueriesContext(connection) as captured:
        assert set(recipients(message)) == set(crowd)
    assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        notify_about(message)
    assert len(captured) < 25
    assert Occurrence.objects.count() == len(crowd)


def test_telling_of_it_twice_tells_once(room: Chat, alice: User, bob: User) -> None:
    set_level(room, bob, Level.ALL)
    message = room.post(alice, "hello")
    notify_about(message)
    notify_about(message)
    assert told(bob) == [("message", "Alice in General: hello", 1)]


@pytest.mark.parametrize("level", [Level.ALL, Level.MENTIONS])
def test_what_is_deleted_while_it_is_told_does_not_live_on(room: Chat, alice: User, bob: User, level: str) -> None:
    set_level(room, bob, level)
    stale = room.post(alice, "@bob the password is hunter2")
    stale.refresh_from_db()
    Message.objects.select_related("chat", "author").get(pk=stale.pk).delete_body()
    notify_about(stale)
    assert "hunter2" not in str(told(bob))
    assert not Occurrence.objects.filter(text__contains="hunter2").exists()


def test_the_people_page_has_the_choice_for_members(room: Chat, alice: User, bob: User, carol: User) -> None:
    page = BeautifulSoup(signed_in(bob).get(f"{room.get_absolute_url()}members/").content, "html.parser")
    assert page.select_one("input[name=level][value=mentions]").has_attr("checked")
    assert "name=level" not in signed_in(carol).get(f"{room.get_absolute_url()}members/").content.decode()
    head = BeautifulSoup(signed_in(bob).get(room.get_absolute_url()).content, "html.parser")
    assert head.select_one(f".pane-links a[href='{room.get_absolute_url()}members/#level']")


def test_a_member_chooses_and_nothing_else_changes(room: Chat, alice: User, bob: User) -> None:
    room.post(alice, "hello")
    answer = signed_in(bob).post(f"{room.get_absolute_url()}level/", {"level": "nothing"})
    assert (answer.status_code, answer["Location"]) == (303, f"{room.get_absolute_url()}members/")
    assert list(room.memberships.order_by("pk").values_list("level", "read_number")) == [
        ("mentions", 1),
        ("nothing", 0),
    ]


@pytest.mark.parametrize("level", Level)
def test_the_page_says_what_was_chosen_in_the_words_of_the_choice(
    room: Chat, bob: User, level: Membership.Level
) -> None:
    client, address = signed_in(bob), f"{room.get_absolute_url()}level/"
    page = BeautifulSoup(client.post(address, {"level": level}, follow=True).content, "html.parser")
    choice = page.select_one(f"input[name=level][value={level}]")
    assert choice.has_attr("checked")
    assert f"General: the bell tells you of {choice.find_parent('label').text.strip().lower()}." in page.text


@pytest.mark.parametrize("level", ["", "loud"])
def test_what_is_no_level_is_refused(room: Chat, bob: User, level: str) -> None:
    answer = signed_in(bob).post(f"{room.get_absolute_url()}level/", {"level": level})
    assert answer.status_code == 422
    assert room.memberships.get(user=bob).level == Level.MENTIONS


def test_outsiders_have_no_level(private: Chat, room: Chat, carol: User) -> None:
    for chat in (private, room):
        assert signed_in(carol).post(f"{chat.get_absolute_url()}level/", {"level": "all"}).status_code == 404
    assert not carol.chat_memberships.exists()


def _crowd(chat: Chat) -> list[User]:
    """Add fifty members who want to hear of every message."""
    crowd: list[Any] = User.objects.bulk_create(User(username=f"person{number}") for number in range(50))
    Membership.objects.bulk_create(Membership(chat=chat, user=person, level=Level.ALL) for person in crowd)
    return crowd


def test_who_was_removed_hears_of_a_deletion_and_of_no_edit(private: Chat, alice: User, bob: User) -> None:
    set_level(private, bob, Level.ALL)
    message = private.post(alice, "old words")
    notify_about(message)
    private.release(bob)
    message.edit("new words")
    message.rewrite_notifications()
    assert told(bob) == [("message", "Alice in Launch: old words", 1)]
    message.delete_body()
    message.rewrite_notifications()
    assert told(bob) == [("message", "Alice in Launch: a message that was deleted", 1)]


def test_a_level_in_a_chat_that_cannot_be_is_not_found(bob: User) -> None:
    assert signed_in(bob).post(f"/chats/{10**30}/level/", {"level": "all"}).status_code == 404
