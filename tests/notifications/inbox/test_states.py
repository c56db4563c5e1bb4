"""Seen, read, archived and snoozed are kept apart, and each change of them shows on all of one's pages."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from notifications import tasks
from notifications.inbox.notify import mark_read, notify
from notifications.inbox.snoozing import SnoozeForm
from notifications.models import Inbox, Notification
from notifications.testing import Event, assert_not_pushed, assert_pushed

pytestmark = pytest.mark.django_db

THURSDAY = datetime(2026, 11, 19, 22, 30, tzinfo=UTC)


@pytest.fixture
def row(bob: User) -> Notification:
    """A new notification of bob's."""
    return notify(bob, "Backup finished")


def state(row: Notification) -> tuple[bool, bool, str]:
    """Return whether a row is seen and read, and which list it is in."""
    row.refresh_from_db()
    return bool(row.seen_at), bool(row.read_at), row.shelf


def chosen(choice: str) -> datetime:
    """Return the time that somebody chooses."""
    form = SnoozeForm({"until": choice})
    assert form.is_valid()
    time: datetime = form.cleaned_data["until"]
    return time


def test_each_state_is_a_thing_of_its_own(bob: User, row: Notification) -> None:
    own, later = bob.inbox, timezone.now() + timedelta(hours=1)
    verbs: list[tuple[Callable[[], int], tuple[bool, bool, str]]] = [
        (own.mark_seen, (True, False, "inbox")),
        (own.archive, (True, False, "archived")),
        (own.bring_back, (True, False, "inbox")),
        (own.mark_read, (True, True, "inbox")),
        (lambda: own.snooze(later), (True, True, "snoozed")),
        (own.mark_unread, (True, False, "snoozed")),
        (own.archive, (True, False, "archived")),
        (lambda: own.snooze(later), (True, False, "snoozed")),
        (own.bring_back, (True, False, "inbox")),
    ]
    for seq, (verb, then) in enumerate(verbs, start=2):
        assert verb() == 1
        assert state(row) == then
        assert row.seq == Inbox.objects.get(pk=bob.pk).seq == seq, "every change takes the next place in the stream"


def test_what_changes_nothing_takes_no_seq(bob: User, row: Notification) -> None:
    own = bob.inbox
    assert own.mark_seen() + own.mark_read() == 2
    assert own.mark_seen() + own.mark_read() + own.bring_back() + own.wake() + own.mark_read(pk=-1) == 0
    assert Inbox.objects.get(pk=bob.pk).seq == 3


def test_reading_is_seeing(bob: User, row: Notification) -> None:
    mark_read(bob)
    assert state(row) == (True, True, "inbox")


def test_the_bell_counts_what_is_new_in_the_inbox(bob: User) -> None:
    rows = [notify(bob, f"note {number}") for number in range(5)]
    bob.inbox.archive(pk=rows[0].pk)
    bob.inbox.snooze(timezone.now(), pk=rows[1].pk)
    mark_read(bob, pk=rows[2].pk)
    assert bob.inbox.unseen == 2
    bob.inbox.mark_seen()
    assert bob.inbox.unseen == 0
    assert bob.inbox.notifications.listed().unread().count() == 2, "seen is not read"


@pytest.mark.parametrize("verb", ["mark_seen", "mark_read", "archive"])
def test_every_page_of_the_person_hears_of_it_and_nobody_else_does(
    alice: User,
    bob: User,
    row: Notification,
    verb: str,
    pushes: list[Event],
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        getattr(bob.inbox, verb)()
    assert assert_pushed(pushes, f"user.{bob.pk}", f"#notification-{row.pk}")[0]["data-seq"] == "2"
    assert assert_pushed(pushes, f"user.{bob.pk}", "#bell-badge")[0].has_attr("hidden")
    assert_pushed(pushes, f"user.{bob.pk}", f"#toast-{row.pk}.bell-toast-over[hidden]")
    assert_not_pushed(pushes, f"user.{bob.pk}", ".bell-toast")
    assert {event["group"] for event in pushes} == {f"user.{bob.pk}"}


def test_marking_as_unread_rings_no_bell(
    bob: User, row: Notification, pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    mark_read(bob)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        bob.inbox.mark_unread(pk=row.pk)
    assert_pushed(pushes, f"user.{bob.pk}", ".notification.is-unread")
    assert_not_pushed(pushes, f"user.{bob.pk}", ".bell-toast")
    assert bob.inbox.unseen == 0


@pytest.mark.parametrize(
    ("choice", "now", "then"),
    [
        ("hour", THURSDAY, "2026-11-19 23:30"),
        ("tomorrow", THURSDAY, "2026-11-20 09:00"),
        ("monday", THURSDAY, "2026-11-23 09:00"),
        ("monday", datetime(2026, 11, 23, 7, tzinfo=UTC), "2026-11-30 09:00"),
    ],
)
def test_times_to_snooze(choice: str, now: datetime, then: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert f"{chosen(choice):%Y-%m-%d %H:%M}" == then


def test_mornings_are_those_of_the_sites_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    # It is Friday there already, and the clock goes back on Sunday.
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 10, 22, 22, 30, tzinfo=UTC))
    with timezone.override("Europe/Berlin"):
        times = [chosen(choice).astimezone(UTC) for choice in ("tomorrow", "monday")]
    assert times == [datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)]


def test_what_was_snoozed_comes_back_on_top_as_if_it_were_new(
    bob: User, row: Notification, pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    mark_read(bob)
    notify(bob, "came later")
    other = notify(bob, "still asleep")
    bob.inbox.snooze(timezone.now() + timedelta(hours=1))
    bob.inbox.bring_back(text="came later")
    tasks.wake_snoozed()
    assert state(row)[2] == state(other)[2] == "snoozed", "not yet"
    bob.inbox.snooze(timezone.now(), pk=row.pk)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        tasks.wake_snoozed()
        tasks.wake_snoozed()
    assert state(row) == (False, False, "inbox")
    assert state(other)[2] == "snoozed"
    assert bob.inbox.notifications.latest_first().first() == row
    assert len(assert_pushed(pushes, f"user.{bob.pk}", f"#toast-{row.pk}.bell-toast")) == 1


def test_waking_is_bounded_and_comes_to_everybody(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.inbox.models.inbox.WAKE_BATCH", 2)
    for minutes, user in enumerate((carol, bob, alice), start=1):
        notify(user, "x")
        user.inbox.snooze(timezone.now() - timedelta(minutes=minutes))
    tasks.wake_snoozed()
    assert [user.inbox.unseen for user in (alice, bob, carol)] == [1, 1, 0], "those that waited longest are first"
    tasks.wake_snoozed()
    assert carol.inbox.unseen == 1


def test_one_inbox_that_cannot_be_woken_does_not_keep_the_others(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (alice, bob):
        notify(user, "x")
        user.inbox.snooze(timezone.now())
    wake = Inbox.wake

    def fail_for_alice(own: Inbox) -> int:
        if own.pk == alice.pk:
            raise RuntimeError
        return wake(own)

    monkeypatch.setattr(Inbox, "wake", fail_for_alice)
    tasks.wake_snoozed()
    assert (alice.inbox.unseen, bob.inbox.unseen) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_wake_it_once(bob: User, pushes: list[Event]) -> None:
    notify(bob, "x")
    bob.inbox.snooze(timezone.now())
    pushes.clear()
    at_once(tasks.wake_snoozed, 4)
    assert Inbox.objects.get(pk=bob.pk).seq == 3
    assert [event["event"] for event in pushes] == ["notified"]


@pytest.mark.django_db(transaction=True)
def test_what_is_told_at_once_is_counted_exactly(bob: User) -> None:
    Inbox.objects.of(bob)
    at_once(lambda: notify(bob, "x", kind="mention", subject="chat.1"), 8)
    row = Notification.objects.get(inbox=bob.pk)
    assert (row.count, row.seq, Inbox.objects.get(pk=bob.pk).seq) == (8, 8, 8)


def at_once(do: Callable[[], object], times: int) -> None:
    """Do something that often at the same moment, on as many connections."""
    together = threading.Barrier(times)

    def run() -> None:
        together.wait(timeout=10)
        try:
            do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(run) for _ in range(times)]:
            done.result(timeout=60)
