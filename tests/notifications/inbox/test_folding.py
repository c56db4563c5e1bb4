"""Repeats about one subject fold into one row, and what was told can be rewritten."""

import pytest
from django.contrib.auth.models import User

from notifications.inbox.notify import mark_read, notify, notify_many, rewrite
from notifications.models import Inbox, Notification, Occurrence
from notifications.testing import Event, assert_not_pushed, assert_pushed

pytestmark = pytest.mark.django_db

CHAT = {"kind": "mention", "subject": "chat.1"}


def lines(user: User) -> list[tuple[str, int]]:
    """Return what somebody's rows say and count, newest first."""
    return [(row.text, row.count) for row in Inbox.objects.of(user).notifications.latest_first()]


def test_a_repeat_shows_the_newest_and_how_many_there_were(bob: User) -> None:
    first = notify(bob, "first", "/1/", **CHAT)
    notify(bob, "something else")
    bob.inbox.mark_seen()
    again = notify(bob, "second", "/2/", **CHAT)
    assert again.pk == first.pk
    assert lines(bob) == [("second", 2), ("something else", 1)], "it is on top again"
    assert (again.url, again.seq, again.seen_at, again.what) == ("/2/", 4, None, "2 new mentions")
    assert again.newest_at > first.newest_at
    assert bob.inbox.unseen == 1


def test_the_repeat_is_pushed_as_the_same_row_and_rings_again(
    bob: User, pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    row = notify(bob, "first", **CHAT)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        notify(bob, "second", **CHAT)
    assert "\N{MULTIPLICATION SIGN}2" in assert_pushed(pushes, f"user.{bob.pk}", f"#notification-{row.pk}")[0].text
    assert "second" in assert_pushed(pushes, f"user.{bob.pk}", f"#toast-{row.pk}.bell-toast")[0].text


def test_a_key_counts_once_also_in_a_row_of_many(bob: User) -> None:
    for _ in range(3):
        notify(bob, "first", key="message.1", **CHAT)
        notify(bob, "second", key="message.2", **CHAT)
    assert lines(bob) == [("second", 2)]
    assert Inbox.objects.get(pk=bob.pk).seq == 2


@pytest.mark.parametrize(
    "other", [{"subject": "chat.2"}, {"kind": "message"}, {"subject": ""}], ids=["chat", "kind", "none"]
)
def test_what_is_about_something_else_is_a_row_of_its_own(alice: User, bob: User, other: dict[str, str]) -> None:
    for fields in (CHAT, CHAT | other, CHAT | other):
        notify(bob, "x", **fields)
    notify(alice, "x", **CHAT)
    assert sorted(count for _, count in lines(bob)) == ([1, 1, 1] if other == {"subject": ""} else [1, 2])
    assert lines(alice) == [("x", 1)]


@pytest.mark.parametrize("put_away", ["mark_read", "archive"])
def test_what_is_done_with_is_not_folded_into(bob: User, put_away: str) -> None:
    notify(bob, "done", **CHAT)
    getattr(bob.inbox, put_away)()
    notify(bob, "new", **CHAT)
    assert lines(bob) == [("new", 1), ("done", 1)]


def test_something_new_brings_a_snoozed_row_back(bob: User) -> None:
    row = notify(bob, "first", **CHAT)
    bob.inbox.snooze(row.newest_at.replace(year=2099), pk=row.pk)
    assert bob.inbox.unseen == 0
    assert notify(bob, "second", **CHAT).shelf == "inbox"
    assert bob.inbox.unseen == 1


def test_rewriting_what_a_row_shows_changes_the_row(alice: User, bob: User) -> None:
    for user in (alice, bob):
        notify(user, "old", key="message.1", **CHAT)
        notify(user, "secret", key="message.2", **CHAT)
    mark_read(bob)
    rewrite("message.2", "a message that was deleted")
    for user in (alice, bob):
        assert lines(user) == [("a message that was deleted", 2)]
    assert not Occurrence.objects.filter(text="secret").exists()


def test_rewriting_what_a_row_no_longer_shows_leaves_the_row(bob: User) -> None:
    notify(bob, "secret", key="message.1", **CHAT)
    notify(bob, "newest", key="message.2", **CHAT)
    rewrite("message.1", "a message that was deleted")
    assert lines(bob) == [("newest", 2)]
    assert not Occurrence.objects.filter(text="secret").exists()


def test_a_rewriting_goes_to_the_pages_of_those_who_were_told(
    alice: User, bob: User, carol: User, pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    notify_many([alice.pk, bob.pk], "old", key="message.1", **CHAT)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        rewrite("message.1", "new")
    for user in (alice, bob):
        assert "new" in assert_pushed(pushes, f"user.{user.pk}", ".notification")[0].text
    assert_not_pushed(pushes, f"user.{carol.pk}")


def test_a_rewriting_for_many_costs_no_push_for_each(
    pushes: list[Event], django_capture_on_commit_callbacks: object, django_assert_max_num_queries: object
) -> None:
    crowd = User.objects.bulk_create(User(username=f"person{number}") for number in range(40))
    notify_many([person.pk for person in crowd], "old", key="message.1", **CHAT)
    with django_capture_on_commit_callbacks(execute=True), django_assert_max_num_queries(8):  # type: ignore[operator]
        rewrite("message.1", "new")
    assert set(Notification.objects.values_list("text", "seq")) == {("new", 2)}
    assert [event["event"] for event in pushes if event["group"] == "control"] == ["look"]
    assert not [event for event in pushes if event["group"].startswith("user.")]
