"""What is done later: sent and told once, when it is due, by the rights of that moment."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import post_delete
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.later import models
from messaging.later.doing import NO_CHAT, NO_MEMBER
from messaging.models import Chat, Later, LaterList
from messaging.tasks import do_later
from messaging.threads.answering import thread_of
from notifications.models import Notification
from notifications.push import recurrence
from notifications.testing import Event, assert_not_pushed, assert_pushed

pytestmark = pytest.mark.django_db(transaction=True)
AN_HOUR = timedelta(hours=1)


def keep(user: User, at: datetime | None = None, **fields: Any) -> Later:
    """Keep something that is due since a moment, or `at` a time."""
    given = {"kind": Later.Kind.MESSAGE, "body": "Good morning!", "zone": "Europe/Berlin", **fields}
    return Later.objects.keep(user, uuid.uuid4(), at or timezone.now() - timedelta(seconds=1), **given)


def said(chat: Chat) -> list[str]:
    return [message.body for message in chat.messages.order_by("number")]


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(inbox=user.pk).order_by("pk").values_list("text", flat=True))


def test_a_message_is_sent_once_its_time_has_come(private: Chat, alice: User, bob: User, pushes: list[Event]) -> None:
    keep(alice, chat=private)
    keep(alice, chat=private, body="Not yet", at=timezone.now() + AN_HOUR)
    pushes.clear()
    do_later()
    do_later()
    assert said(private) == ["Good morning!"]
    assert private.messages.get().author == alice
    assert_pushed(pushes, private, "article")
    assert_pushed(pushes, LaterList.objects.get(pk=alice.pk), "[data-stale]")
    assert_not_pushed(pushes, LaterList.objects.get_or_create(pk=bob.pk)[0])
    assert [row.body for row in Later.objects.all()] == ["Not yet"]
    assert told(alice) == []


def test_what_names_somebody_and_commands_do_what_they_do_at_once(private: Chat, alice: User, bob: User) -> None:
    keep(alice, chat=private, body='/poll "Where to?" "The lake" "The hills"')
    keep(alice, chat=private, body="@bob hello")
    do_later()
    poll, hello = private.messages.order_by("number")
    assert "reactions" in poll.parts
    assert str(bob.pk) in hello.named


@pytest.mark.parametrize("kind", [Chat.Kind.PRIVATE, Chat.Kind.OPEN])
def test_who_has_left_sends_nothing_and_gets_the_text_back(alice: User, bob: User, carol: User, kind: str) -> None:
    chat = Chat.objects.start(alice, "Left", kind)
    chat.admit(bob)
    row = keep(bob, chat=chat)
    thread = thread_of(chat.post(alice, "Root"))
    keep(bob, chat=thread, body="An answer")
    chat.release(bob)
    do_later()
    do_later()
    assert said(chat) == ["Root"]
    assert said(thread) == []
    row.refresh_from_db()
    assert (row.next_at, row.refusal, row.body) == (None, NO_MEMBER, "Good morning!")
    assert told(bob) == [
        f"Your message was not sent: {NO_MEMBER} It is kept: Good morning!",
        f"Your message was not sent: {NO_MEMBER} It is kept: An answer",
    ]
    assert Notification.objects.filter(inbox=bob.pk).first().url == "/later/"


def test_who_was_banned_or_is_no_more_sends_nothing(room: Chat, alice: User, bob: User) -> None:
    keep(bob, chat=room)
    room.ban(bob, by=alice)
    keep(alice, chat=room)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    do_later()
    assert said(room) == []
    assert {row.refusal for row in Later.objects.all()} == {NO_MEMBER}


def test_in_slow_mode_it_waits_and_comes_again(room: Chat, alice: User, bob: User) -> None:
    room.let_write(is_announcing=False, slow_seconds=60, by=alice)
    room.post(bob, "just said")
    row = keep(bob, chat=room, every="day")
    do_later()
    assert said(room) == ["just said"]
    row.refresh_from_db()
    assert row.next_at
    assert timedelta(seconds=50) < row.next_at - timezone.now() <= timedelta(seconds=60)
    room.messages.update(created_at=timezone.now() - AN_HOUR)
    Later.objects.update(next_at=timezone.now())
    do_later()
    assert said(room) == ["just said", "Good morning!"]
    row.refresh_from_db()
    assert row.next_at
    assert (row.next_at - row.first_at, told(bob)) == (timedelta(days=1), [])


def test_of_a_chat_that_was_deleted_the_text_stays(private: Chat, alice: User) -> None:
    keep(alice, chat=private)
    private.delete()
    do_later()
    assert Later.objects.get().refusal == NO_CHAT
    assert len(told(alice)) == 1


def test_a_reminder_leads_to_its_message_and_is_told_once(private: Chat, alice: User, bob: User) -> None:
    message = private.post(alice, "We *launch* on Friday.")
    keep(bob, kind=Later.Kind.REMINDER, message=message, body="")
    keep(bob, kind=Later.Kind.REMINDER, message=message, body="Bring cake")
    keep(bob, kind=Later.Kind.REMINDER, body="Tea")
    do_later()
    do_later()
    lines = ["Reminder: We launch on Friday.", "Reminder: Bring cake · We launch on Friday.", "Reminder: Tea"]
    assert told(bob) == lines
    found = Notification.objects.filter(inbox=bob.pk).order_by("pk")
    assert [each.url for each in found] == [message.place, message.place, "/later/"]
    assert {each.kind for each in found} == {"reminder"}
    assert told(alice) == []
    assert not Later.objects.exists()


def test_a_reminder_tells_nothing_of_what_may_not_be_read(private: Chat, alice: User, bob: User) -> None:
    secret, gone = private.post(alice, "Secret"), private.post(alice, "Secret, too")
    keep(bob, kind=Later.Kind.REMINDER, message=secret, body="")
    keep(alice, kind=Later.Kind.REMINDER, message=gone, body="")
    private.release(bob)
    gone.delete_body()
    do_later()
    assert told(bob) == told(alice) == ["Reminder: a message that you cannot read any more"]


def test_what_comes_again_is_late_once_however_long_the_outage(private: Chat, alice: User) -> None:
    first_at = timezone.now() - timedelta(days=5, hours=1)
    row = keep(alice, at=first_at, chat=private, every="day")
    do_later()
    do_later()
    assert said(private) == ["Good morning!"]
    row.refresh_from_db()
    assert row.next_at
    assert timedelta(0) < row.next_at - timezone.now() < timedelta(days=1, hours=1)
    Later.objects.update(first_at=first_at - timedelta(days=1), next_at=timezone.now())
    do_later()
    assert len(said(private)) == 1, "the one that has come is the same"


@pytest.mark.parametrize(
    ("first", "every", "now", "next_at"),
    [
        ("2027-03-27 09:00", "day", "2027-03-27 12:00", "2027-03-28 09:00"),
        ("2027-10-30 09:00", "day", "2027-10-30 12:00", "2027-10-31 09:00"),
        ("2027-03-26 09:00", "weekday", "2027-03-26 09:00", "2027-03-29 09:00"),
        ("2027-03-27 09:00", "weekday", "2027-03-27 09:00", "2027-03-29 09:00"),
        ("2027-03-22 09:00", "weekday", "2027-03-28 12:00", "2027-03-29 09:00"),
        ("2027-03-22 09:00", "weekday", "2027-04-14 08:59", "2027-04-14 09:00"),
        ("2027-10-29 09:00", "week", "2027-10-29 10:00", "2027-11-05 09:00"),
        ("2027-01-31 09:00", "month", "2027-02-28 10:00", "2027-03-31 09:00"),
    ],
)
def test_nine_stays_nine_when_the_clocks_change(first: str, every: str, now: str, next_at: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first_at, at, then = (datetime.fromisoformat(each).replace(tzinfo=berlin) for each in (first, now, next_at))
    last, following = recurrence.around(first_at.astimezone(UTC), every, at.astimezone(UTC), berlin)
    assert following == then.astimezone(UTC)
    assert last <= at.astimezone(UTC)


def test_weekdays_come_each_once_and_never_at_a_weekend() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for first in range(1, 8):
        first_at = datetime(2027, 3, first, 9, tzinfo=berlin)
        times = [recurrence.nth(first_at, "weekday", n, berlin).astimezone(berlin) for n in range(1, 60)]
        assert {each.weekday() for each in times} == {0, 1, 2, 3, 4}
        assert {each.hour for each in times} == {9}
        assert times == sorted(set(times))
        assert (times[-1] - first_at).days <= 60 * 7 / 5 + 2
        for now in (each + timedelta(hours=hours) for each in times for hours in (0, 23)):
            last, following = recurrence.around(first_at, "weekday", now.astimezone(UTC), berlin)
            assert following
            assert last <= now < following


def test_one_that_fails_does_not_hold_up_the_others(private: Chat, alice: User) -> None:
    bad = keep(alice, chat=private, body="first")
    # No time of a month: what this release does not know fails.
    Later.objects.filter(pk=bad.pk).update(every="fortnight")
    keep(alice, chat=private, body="second")
    do_later()
    assert said(private) == ["second"]
    bad.refresh_from_db()
    assert bad.next_at
    assert Later.objects.count() == 1


def test_a_worker_that_dies_leaves_it_due_or_done(private: Chat, alice: User) -> None:
    keep(alice, chat=private)

    def die(**kwargs: Any) -> None:
        raise KeyboardInterrupt

    post_delete.connect(die, sender=Later)
    with pytest.raises(KeyboardInterrupt):
        do_later()
    post_delete.disconnect(die, sender=Later)
    assert said(private) == []
    assert Later.objects.due(timezone.now()).count() == 1
    do_later()
    do_later()
    assert said(private) == ["Good morning!"]


def test_at_most_so_much_waits_and_what_comes_twice_is_kept_once(private: Chat, alice: User, bob: User) -> None:
    at, client_id = timezone.now() + AN_HOUR, uuid.uuid4()
    fields = {"kind": Later.Kind.MESSAGE, "chat": private, "body": "Twice", "zone": "UTC", "every": ""}
    kept = Later.objects.keep(alice, client_id, at, **fields)
    rows = [Later(user=alice, kind="reminder", body="x", first_at=at, next_at=at) for _ in range(models.MOST - 1)]
    Later.objects.bulk_create(rows)
    assert Later.objects.keep(alice, client_id, at, **fields) == kept
    with pytest.raises(ValidationError, match="with something else in it"):
        Later.objects.keep(alice, client_id, at, **{**fields, "body": "Other"})
    with pytest.raises(ValidationError, match="At most 200"):
        keep(alice, chat=private)
    keep(bob, chat=private)
    kept.cancel()
    keep(alice, chat=private)


def test_looking_for_what_is_due_costs_one_query_however_much_waits(private: Chat, alice: User) -> None:
    at = timezone.now() + AN_HOUR
    rows = [Later(user=alice, kind="reminder", body="x", first_at=at, next_at=at) for _ in range(50)]
    Later.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as queries:
        do_later()
    assert len(queries) == 1
