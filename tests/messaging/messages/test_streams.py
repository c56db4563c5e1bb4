"""Catching up: what a page that has seen everything up to a `seq` gets, whole or afresh, and never with a gap."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection

from messaging.messages import stream as chat_streams
from messaging.models import Chat
from notifications.live import streams
from notifications.push import dom_id

pytestmark = pytest.mark.django_db

END_OF_LIST = "beforeend:[data-messages='{}']"


def changes(chat: Chat, after: int) -> BeautifulSoup:
    return BeautifulSoup(streams.catch_up(chat.stream, after), "html.parser")


def cursor(soup: BeautifulSoup) -> int:
    return int(str(soup.select("[id^=cursor-chat]")[-1]["data-seq"]))


@contextmanager
def after_first_query(act: Callable[[], object]) -> Iterator[None]:
    """Do something between the first query in the block and its second, as another process may."""
    acts = [act]

    def query(execute: Callable[..., Any], *arguments: Any) -> Any:
        result = execute(*arguments)
        if acts:
            acts.pop()()
        return result

    with connection.execute_wrapper(query):
        yield


def test_a_page_gets_what_it_lacks_and_its_new_place(room: Chat, alice: User) -> None:
    seen, missed = room.post(alice, "seen"), room.post(alice, "missed")
    soup = changes(room, after=1)
    assert [article["id"] for article in soup.select("article")] == [dom_id(missed)]
    assert soup.select_one(f'[hx-swap-oob="{END_OF_LIST.format(missed.chat_id)}"] > #{dom_id(missed)}')
    assert cursor(soup) == 2
    assert dom_id(seen) not in str(soup)


def test_a_page_that_lacks_nothing_gets_only_its_place(room: Chat, alice: User) -> None:
    room.post(alice, "seen")
    soup = changes(room, after=1)
    assert not soup.select("article")
    assert cursor(soup) == 1


def test_an_edit_of_a_shown_message_replaces_it_and_of_a_missed_one_adds_it(room: Chat, alice: User) -> None:
    shown, missed = room.post(alice, "shown"), room.post(alice, "missed")
    for message in (shown, missed):
        message.edit("edited")
    soup = changes(room, after=1)
    assert soup.select_one(f"#{dom_id(shown)}[hx-swap-oob=true]")
    assert soup.select_one(f'[hx-swap-oob="{END_OF_LIST.format(missed.chat_id)}"] > #{dom_id(missed)}')
    assert cursor(soup) == 4


def test_a_missed_deletion_is_told_without_the_text(room: Chat, alice: User) -> None:
    message = room.post(alice, "secret")
    message.delete_body()
    assert "secret" not in str(changes(room, after=1))
    assert changes(room, after=1).select_one(f"#{dom_id(message)}.is-deleted")


def test_a_missed_name_is_told(room: Chat, alice: User) -> None:
    room.rename("Other", alice)
    assert changes(room, after=0).select_one("#chat-name").text == "Other"
    assert not changes(room, after=1).select_one("#chat-name")


def test_past_the_bound_the_list_is_drawn_afresh(room: Chat, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_streams, "REPLAY_LIMIT", 3)
    for number in range(5):
        room.post(alice, f"message {number}")
    assert len(changes(room, after=2).select("article")) == 3
    assert not changes(room, after=2).select("[hx-swap-oob^='innerHTML:[data-messages=']")
    afresh = changes(room, after=1)
    assert len(afresh.select("[hx-swap-oob^='innerHTML:[data-messages='] > article")) == 5, (
        "all of the newest page, not the first three"
    )
    assert cursor(afresh) == 5


def test_a_place_that_never_was_is_answered_with_the_list_afresh(room: Chat, alice: User) -> None:
    room.post(alice, "only")
    assert changes(room, after=99).select("[hx-swap-oob^='innerHTML:[data-messages='] > article")


@pytest.mark.parametrize("limit", [200, 0])
def test_what_is_written_while_a_page_catches_up_comes_once(
    room: Chat, alice: User, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_streams, "REPLAY_LIMIT", limit)
    missed = room.post(alice, "missed")
    with after_first_query(lambda: room.post(alice, "meanwhile")):
        soup = changes(room, after=0)
    # It is beyond the place that the page is brought to, so its own event has yet to come.
    assert [article["id"] for article in soup.select("article")] == [dom_id(missed)]
    assert cursor(soup) == 1
    assert "meanwhile" in changes(room, after=1).text


def test_what_is_edited_while_a_page_catches_up_is_not_left_out(room: Chat, alice: User) -> None:
    missed = room.post(alice, "missed")
    with after_first_query(lambda: missed.edit("edited")):
        soup = changes(room, after=0)
    # The event of the edit replaces the message, so it must be there.
    assert soup.select_one(f'[hx-swap-oob="{END_OF_LIST.format(missed.chat_id)}"] > #{dom_id(missed)}')
    assert cursor(soup) == 1


def test_tops_are_read_with_one_query_for_each_kind(
    room: Chat, private: Chat, alice: User, django_assert_num_queries: object
) -> None:
    room.post(alice, "one")
    names = [room.stream, private.stream, f"members.{room.pk}", "user.1", "dashboard", "chat.x"]
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert streams.tops(names) == {room.stream: 1, private.stream: 0, f"members.{room.pk}": 1, "user.1": 0}
