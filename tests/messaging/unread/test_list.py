"""All that is unread, as one page."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging.messages.recipients import notify_about
from messaging.models import Chat, Membership, Message
from messaging.threads.answering import thread_of
from messaging.unread import listing
from notifications.push import unread
from notifications.testing import Event, assert_pushed
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def page(user: User, **asked: int) -> BeautifulSoup:
    return BeautifulSoup(signed_in(user).get(reverse("unread"), asked).content, "html.parser")


def listed(user: User, **asked: int) -> list[tuple[str, str]]:
    """Return the chat and the text of each row."""
    rows = page(user, **asked).select(".cards > li")
    return [
        (row.select(".unread-open")[0].text, " ".join(row.select(".message-body, .message-note")[0].text.split()))
        for row in rows
    ]


def test_what_is_unread_in_all_chats_is_listed_oldest_first(
    room: Chat, private: Chat, alice: User, bob: User, carol: User
) -> None:
    room.post(alice, "read")
    room.post(bob, "mine")
    private.post(alice, "second")
    room.post(alice, "third").delete_body()
    Chat.objects.direct([alice, bob]).post(alice, "fourth")
    assert listed(bob) == [("Launch", "second"), ("General", "This message was deleted."), ("Alice", "fourth")]
    assert listed(alice) == []
    assert "Nothing is unread." in page(carol).text, "she is in none of them"


def test_muted_chats_and_those_one_has_left_are_not_in_it(room: Chat, private: Chat, alice: User, bob: User) -> None:
    for chat in (room, private):
        chat.post(alice, "hello")
    membership = room.membership_of(bob)
    assert membership
    membership.set_level(Membership.Level.NOTHING)
    assert listed(bob) == [("Launch", "hello")]
    private.release(bob)
    assert listed(bob) == []


def test_a_thread_that_one_follows_is_in_it_as_long_as_one_may_read_it(private: Chat, alice: User, bob: User) -> None:
    thread_of(private.post(bob, "What now?")).post(alice, "Lunch")
    assert listed(bob) == [("What now?", "Lunch")]
    Membership.objects.filter(chat=private, user=bob).delete()
    assert listed(bob) == []


def test_it_is_paged(room: Chat, private: Chat, alice: User, bob: User) -> None:
    said = [chat.post(alice, f"number {number}") for number in range(40) for chat in (room, private)]
    assert [text for _, text in listed(bob)] == [each.body for each in said[: listing.PAGE_SIZE]]
    (link,) = page(bob).select(".pages a")
    assert link["href"] == f"?after={said[listing.PAGE_SIZE - 1].pk}"
    rest = listed(bob, after=said[listing.PAGE_SIZE - 1].pk)
    assert [text for _, text in rest] == [each.body for each in said[listing.PAGE_SIZE :]]


def test_it_asks_no_more_for_more_messages_and_chats(alice: User, bob: User) -> None:
    signed_in(bob).get(reverse("unread"))  # their first page makes what each has once
    counts = []
    for number in range(4):
        chat = Chat.objects.start(alice, f"Topic {number}", Chat.Kind.PRIVATE)
        chat.admit(bob)
        for _ in range(3):
            chat.post(alice, "hello")
        client = signed_in(bob)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("unread"))
        counts.append(len(captured))
    assert counts == counts[:1] * 4


def test_one_is_read_with_what_is_before_it_in_its_chat(room: Chat, private: Chat, alice: User, bob: User) -> None:
    messages = [room.post(alice, f"number {number}") for number in range(3)]
    private.post(alice, "elsewhere")
    address = reverse("message-read", args=[messages[1].pk])
    assert signed_in(bob).post(address).headers["Location"] == reverse("unread")
    assert [text for _, text in listed(bob)] == ["number 2", "elsewhere"]


def test_outsiders_read_nothing(private: Chat, alice: User, bob: User, carol: User) -> None:
    message = private.post(alice, "hello")
    assert signed_in(carol).post(reverse("message-read", args=[message.pk])).status_code == 404


def what_is_known(user: User) -> str:
    (button,) = page(user).select("button[name=known]")
    return str(button["value"])


def test_all_is_read_but_for_what_came_since(room: Chat, private: Chat, alice: User, bob: User) -> None:
    notify_about(room.post(alice, "@bob one"))
    private.post(alice, "two")
    known = what_is_known(bob)
    notify_about(private.post(alice, "@bob three"))
    signed_in(bob).post(reverse("unread-reading"), {"known": known})
    assert [text for _, text in listed(bob)] == ["@bob three"]
    assert [row.subject for row in unread(bob)] == [private.stream], "so does the bell"
    assert Message.objects.count() == 3
    signed_in(bob).post(reverse("unread-reading"))
    assert len(listed(bob)) == 1, "of what was not known nothing is read"


def test_what_was_marked_as_unread_meanwhile_stays_so(room: Chat, private: Chat, alice: User, bob: User) -> None:
    first = room.post(alice, "@bob one")
    notify_about(first)
    private.post(alice, "two")
    known = what_is_known(bob)
    signed_in(bob).post(reverse("message-unread", args=[first.pk]))
    signed_in(bob).post(reverse("unread-reading"), {"known": known})
    assert [text for _, text in listed(bob)] == ["@bob one"]
    assert unread(bob).exists(), "so does the bell"


@pytest.mark.parametrize("known", ["x", "1:2", "1:2:3:4", "9" * 40 + ":1:0", "-1:1:0", "1:1:0 " * 5_000, "²:1:0"])
def test_nonsense_is_not_read(room: Chat, private: Chat, alice: User, bob: User, known: str) -> None:
    private.post(alice, "hello")
    Chat.objects.filter(pk=room.pk).update(last_number=0)
    assert signed_in(bob).post(reverse("unread-reading"), {"known": known}).status_code == 303
    assert len(listed(bob)) == 1


def test_what_others_said_where_one_is_not_is_not_read(private: Chat, alice: User, bob: User, carol: User) -> None:
    private.post(alice, "hello")
    known = what_is_known(bob)
    signed_in(carol).post(reverse("unread-reading"), {"known": known})
    assert len(listed(bob)) == 1


def test_of_very_many_chats_some_are_left_for_the_next_time(
    room: Chat, private: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 1)
    for chat in (room, private):
        chat.post(alice, "hello")
    for left in (1, 0):
        signed_in(bob).post(reverse("unread-reading"), {"known": what_is_known(bob)})
        assert len(listed(bob)) == left


def test_all_of_ones_pages_follow_and_the_other_one_of_two(
    room: Chat, alice: User, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    direct = Chat.objects.direct([alice, bob])
    for chat in (room, direct):
        chat.post(alice, "hello")
    known = what_is_known(bob)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(bob).post(reverse("unread-reading"), {"known": known})
    for chat in (room, direct):
        assert_pushed(pushes, f"user.{bob.pk}", f"#chat-read-{chat.pk}[data-read='1']")
    (news,) = assert_pushed(pushes, f"user.{alice.pk}", "#reading-news")
    assert (news["data-chat"], news["data-read"]) == (str(direct.pk), "1")


def test_a_chat_that_is_deleted_meanwhile_is_left_out(
    room: Chat, private: Chat, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chat in (room, private):
        chat.post(alice, f"in {chat}")
    titles = listing.titles

    def deleted_before(user: User, messages: list[Message]) -> dict[int, str]:
        private.delete()
        return titles(user, messages)

    monkeypatch.setattr(listing, "titles", deleted_before)
    assert listed(bob) == [("General", "in General")]


def test_it_is_marked_only_so_often(room: Chat, alice: User, bob: User, settings: Any) -> None:
    message = room.post(alice, "hello")
    settings.LIMITS = {"reading": "2/1h"}
    addresses = [reverse("message-read", args=[message.pk]), reverse("message-unread", args=[message.pk])]
    assert [signed_in(bob).post(address).status_code for address in addresses] == [303, 303]
    for address in (*addresses, reverse("unread-reading")):
        assert signed_in(bob).post(address).status_code == 429
    assert listed(bob) == [("General", "hello")]
