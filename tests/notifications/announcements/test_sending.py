"""Sending announcements: to whom, when, in which pieces, and what is left of it when a worker dies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from messaging.models import Chat
from notifications import tasks
from notifications.announcements import audiences, recurrence, reminding, sending
from notifications.announcements.reminding import remind
from notifications.jobs.progress import Taken
from notifications.models import Announcement, Delivery, Job, Notification, Receipt
from notifications.tasks import end_lost_jobs
from notifications.testing import Event, assert_not_pushed, assert_pushed, captured_pushes

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


@pytest.fixture(autouse=True)
def staff(alice: User) -> None:
    """Alice, who announces, is staff."""
    alice.is_staff = True
    alice.save()


def announce(author: User, audience: str = "all", *, late: timedelta = timedelta(), **fields: Any) -> Announcement:
    """Announce something that is due, by `late`."""
    fields = {"title": "Fire drill", "body": "At **ten**.", "first_at": timezone.now() - late, **fields}
    return Announcement.objects.announce(author, audience=audience, **fields)


def begun(announcement: Announcement) -> Delivery:
    sending.begin_due()
    return announcement.deliveries.get()


def send_all(delivery: Delivery) -> list[int]:
    """Send chunk by chunk, and return how many each had."""
    sizes = []
    while count := sending.send_chunk(delivery.pk):
        sizes.append(count)
    delivery.refresh_from_db()
    return sizes


def sent_to(announcement: Announcement) -> set[str]:
    """Send it, and return the names of who has it."""
    send_all(begun(announcement))
    return set(Receipt.objects.filter(delivery__announcement=announcement).values_list("user__username", flat=True))


def lines(user: User) -> list[str]:
    return list(Notification.objects.filter(inbox=user.pk, kind="announcement").values_list("text", flat=True))


def test_everybody_gets_one_receipt_and_one_notification(alice: User, bob: User, carol: User) -> None:
    announcement = announce(alice)
    delivery = begun(announcement)
    send_all(delivery)
    assert (delivery.count, delivery.reached) == (3, carol.pk)
    assert delivery.ended_at
    for user in (alice, bob, carol):
        notification = Notification.objects.get(inbox=user.pk)
        assert (notification.text, notification.url) == ("Fire drill", announcement.get_absolute_url())
    assert Receipt.objects.count() == 3


def test_a_group_and_a_room_are_those_who_are_in_them(alice: User, bob: User, carol: User, private: Chat) -> None:
    night_shift = Group.objects.create(name="Night shift")
    night_shift.user_set.add(carol)
    assert sent_to(announce(alice, f"group.{night_shift.pk}")) == {"carol"}
    assert sent_to(announce(alice, f"chat.{private.pk}")) == {"alice", "bob"}


@pytest.mark.parametrize("audience", ["chat.999", "group.999", "planet.1", "chat.", "", "chat.9999999999999999999"])
def test_an_audience_that_is_gone_is_nobody(alice: User, audience: str) -> None:
    announcement = announce(alice, audience)
    sending.begin_due()
    assert not Delivery.objects.exists()
    assert not audiences.users(audience, timezone.now()).exists()
    Announcement.objects.label([announcement])
    assert announcement.label == "Nobody any more"


def test_a_room_that_is_deleted_while_it_is_sent_is_nobody(alice: User, private: Chat) -> None:
    delivery = begun(announce(alice, f"chat.{private.pk}"))
    private.delete()
    assert send_all(delivery) == []
    assert delivery.ended_at


def test_who_comes_later_or_is_gone_before_their_turn_does_not_get_it(
    alice: User, bob: User, carol: User, private: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1)
    dora, erik, fay = (User.objects.create_user(name) for name in ("dora", "erik", "fay"))
    for user in (dora, erik):
        private.admit(user)
    everybody, room = begun(announce(alice)), begun(announce(alice, f"chat.{private.pk}"))
    for delivery in (everybody, room):
        sending.send_chunk(delivery.pk)
    bob.is_active = False
    bob.save()
    private.release(dora)
    private.admit(fay)
    User.objects.create_user("gil")
    for delivery in (everybody, room):
        send_all(delivery)
    names = Receipt.objects.order_by("pk").values_list("user__username", flat=True)
    assert list(names.filter(delivery=everybody)) == ["alice", "carol", "dora", "erik", "fay"]
    assert list(names.filter(delivery=room)) == ["alice", "erik"]


def test_many_people_cost_a_bounded_number_of_queries(alice: User) -> None:
    User.objects.bulk_create(User(username=f"user{number}") for number in range(700))
    delivery = begun(announce(alice))
    with CaptureQueriesContext(connection) as captured:
        assert sending.send_chunk(delivery.pk) == sending.CHUNK
    # SQLite inserts some hundred rows at a time, PostgreSQL all.
    assert len(captured) <= 60


def test_a_stopped_delivery_goes_no_further(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1)
    announcement = announce(alice)
    delivery = begun(announcement)
    sending.send_chunk(delivery.pk)
    announcement.stop(alice)
    assert send_all(delivery) == []
    assert Receipt.objects.count() == 1
    assert Job.objects.get().state == Job.State.CANCELLED


def test_trying_again_to_send_what_was_stopped_sends_nothing(alice: User, bob: User) -> None:
    announcement = announce(alice)
    delivery = begun(announcement)
    announcement.stop(alice)
    job = Job.objects.get()
    alice.jobs.retry(job.pk)
    sending.deliver(job.pk, delivery.pk)
    job.refresh_from_db()
    assert (job.state, job.result_url) == (Job.State.CANCELLED, "")
    assert not Receipt.objects.exists()


def test_an_announcement_is_begun_once(alice: User) -> None:
    announcement = announce(alice)
    for _ in range(3):
        sending.begin_due()
    assert announcement.deliveries.count() == Job.objects.count() == 1
    assert not announce(alice, first_at=timezone.now() + timedelta(hours=1)).deliveries.exists()


def test_after_an_outage_all_missed_times_are_one(alice: User, bob: User) -> None:
    announcement = announce(alice, every="day", late=timedelta(days=10, hours=1))
    delivery = begun(announcement)
    send_all(delivery)
    announcement.refresh_from_db()
    assert timedelta() < timezone.now() - delivery.due_at < timedelta(hours=2)
    assert announcement.next_at == delivery.due_at + timedelta(days=1)
    sending.begin_due()
    assert announcement.deliveries.count() == 1
    assert lines(bob) == ["Fire drill"]


@pytest.mark.parametrize(
    ("every", "times"),
    [
        ("day", ["2027-02-01", "2027-02-02", "2027-02-03"]),
        ("week", ["2027-02-07", "2027-02-14", "2027-02-21"]),
        ("month", ["2027-02-28", "2027-03-31", "2027-04-30"]),
    ],
)
def test_times_that_come_again(every: str, times: list[str]) -> None:
    last = first = datetime(2027, 1, 31, 9, 30, tzinfo=UTC)
    for expected in times:
        before, following = recurrence.around(first, every, last)
        assert (before, f"{following:%Y-%m-%d %H:%M}") == (last, f"{expected} 09:30")
        last = following or last


@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_times_around_any_moment_are_next_to_each_other(every: str) -> None:
    first = datetime(2024, 12, 31, 9, tzinfo=UTC)
    for hours in range(0, 24 * 800, 7):
        now = first + timedelta(hours=hours)
        before, following = recurrence.around(first, every, now)
        assert following
        assert before <= now < following
        assert recurrence.around(first, every, before) == (before, following)


@override_settings(TIME_ZONE="Europe/Berlin")
def test_nine_o_clock_stays_nine_o_clock_in_summer() -> None:
    first = datetime(2027, 3, 27, 8, tzinfo=UTC)
    assert recurrence.around(first, "day", first)[1] == datetime(2027, 3, 28, 7, tzinfo=UTC)


def test_reminders_come_until_one_acknowledges(alice: User, bob: User, carol: User) -> None:
    announcement = announce(alice, must_acknowledge=True, remind_hours=4)
    send_all(begun(announcement))
    assert lines(bob) == ["Please acknowledge: Fire drill"]
    remind()
    assert lines(bob) == ["Please acknowledge: Fire drill"], "it is not time yet"
    carol.receipts.acknowledge()
    for _ in range(2):
        hours_pass(4)
        remind()
        remind()
    assert lines(bob) == ["Reminder: please acknowledge Fire drill"], "one row, folded"
    assert Notification.objects.get(inbox=bob.pk).count == 3
    assert bob.receipts.get().reminders == 2
    assert lines(carol) == ["Please acknowledge: Fire drill"]
    announcement.stop(alice)
    send_all(begun(announce(alice, title="Cake", must_acknowledge=True, remind_hours=4)))
    hours_pass(4)
    remind()
    assert list(bob.receipts.order_by("pk").values_list("reminders", flat=True)) == [2, 1], "only of what goes on"


def hours_pass(hours: int) -> None:
    Receipt.objects.update(reminded_at=F("reminded_at") - timedelta(hours=hours))


def test_many_are_reminded_in_batches(alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch) -> None:
    send_all(begun(announce(alice, must_acknowledge=True, remind_hours=1)))
    hours_pass(1)
    monkeypatch.setattr(reminding, "CHUNK", 2)
    assert [remind(), remind()] == [True, False]
    assert list(Receipt.objects.values_list("reminders", flat=True)) == [1, 1, 1]


def test_only_reminders_that_were_asked_for_come(alice: User, bob: User) -> None:
    send_all(begun(announce(alice, must_acknowledge=True)))
    send_all(begun(announce(alice, title="Cake")))
    assert not Receipt.objects.exclude(reminded_at=None).exists()
    remind()
    assert sorted(lines(bob)) == ["Cake", "Please acknowledge: Fire drill"]


def test_an_acknowledgement_shows_on_the_open_roll(
    alice: User, bob: User, pushes: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    delivery = begun(announce(alice, must_acknowledge=True))
    send_all(delivery)
    with django_capture_on_commit_callbacks(execute=True):
        bob.receipts.acknowledge()
        bob.receipts.acknowledge()
    group = f"delivery.{delivery.pk}"
    rows = assert_pushed(pushes, group, f"#receipt-{bob.receipts.get().pk}", verb="replace")
    assert len(rows) == 1, "and only once"
    assert "Bob" in str(rows[0])
    assert "1 of 2 acknowledged" in str(assert_pushed(pushes, group, "#roll-count", verb="replace")[-1])
    assert {event["group"] for event in pushes if event["html"]} == {group}


def test_an_open_roll_fetches_its_rows_once_when_the_sending_ends(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1)
    delivery = begun(announce(alice))
    with captured_pushes() as pushes:
        assert send_all(delivery) == [1, 1, 1]
    assert len(assert_pushed(pushes, delivery, "[data-stale]")) == 1
    assert_not_pushed(pushes, bob, "[data-stale]")


def test_an_open_roll_shows_that_the_sending_was_stopped(alice: User, bob: User) -> None:
    delivery = begun(announce(alice))
    with captured_pushes() as pushes:
        delivery.announcement.stop(alice)
    assert len(assert_pushed(pushes, delivery, "[data-stale]")) == 1
    assert_not_pushed(pushes, bob, "[data-stale]")


def test_a_delivery_that_lost_its_worker_is_gone_on_with(alice: User, bob: User) -> None:
    delivery = begun(announce(alice))
    job = Job.objects.get()

    def sweep() -> str:
        time_passes(hours=2)
        sending.go_on_with_stalled()
        job.refresh_from_db()
        return job.state

    Job.objects.update(state=Job.State.RUNNING, started_at=timezone.now(), alive_at=timezone.now())
    assert sweep() == Job.State.RUNNING, "its worker lives"
    Job.objects.update(state=Job.State.FAILED)
    assert sweep() == Job.State.WAITING, "it is queued again"
    Job.objects.cancel(job.pk)
    assert sweep() == Job.State.CANCELLED
    assert send_all(delivery) == []
    delivery.announcement.refresh_from_db()
    assert delivery.announcement.cancelled_at


def time_passes(**time: float) -> None:
    """Let deliveries be that much older."""
    past = timedelta(**time)
    Delivery.objects.update(alive_at=F("alive_at") - past, retry_at=F("retry_at") - past)


def test_a_delivery_that_fails_again_and_again_is_tried_less_and_less_often(alice: User, bob: User) -> None:
    begun(announce(alice))
    rests = []
    for _ in range(12):
        rest = Delivery.objects.get().retry_at - timezone.now()
        rests.append(rest)
        assert tried_again() == Job.State.FAILED, "it rests"
        time_passes(seconds=rest.total_seconds())
        assert tried_again() == Job.State.WAITING
    first, second, *rest_of_them = rests
    assert timedelta(seconds=29) < first < timedelta(seconds=31)
    growing = [each for each in (second, *rest_of_them) if each < timedelta(minutes=50)]
    assert len(growing) == 7
    assert all(later > 1.9 * earlier for earlier, later in pairwise(growing))
    assert all(each <= timedelta(hours=1) for each in rests)


def tried_again() -> str:
    """Let the job have failed, and say what has become of it after a sweep."""
    Job.objects.update(state=Job.State.FAILED)
    sending.go_on_with_stalled()
    return Job.objects.get().state


def test_a_delivery_that_is_repaired_goes_on_at_once_when_its_author_retries(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1)
    delivery = begun(announce(alice))
    time_passes(hours=5)
    assert tried_again() == Job.State.WAITING
    time_passes(minutes=10)
    assert tried_again() == Job.State.FAILED, "it rests for an hour"
    assert alice.jobs.retry(Job.objects.get().pk)
    sending.send_chunk(delivery.pk)
    time_passes(minutes=1)
    assert tried_again() == Job.State.WAITING, "what reaches people does not rest for long"


@pytest.mark.parametrize("state", [Job.State.WAITING, Job.State.RUNNING])
def test_a_sending_that_is_cancelled_while_nobody_sends_is_stopped_however_long_it_rests(
    alice: User, bob: User, state: str
) -> None:
    announcement = announce(alice, every="day")
    delivery = begun(announcement)
    time_passes(hours=5)
    assert tried_again() == Job.State.WAITING
    long_ago = timezone.now() - timedelta(minutes=1)
    Job.objects.update(state=state, alive_at=long_ago)
    assert Delivery.objects.get().retry_at > timezone.now() + timedelta(minutes=50)
    alice.jobs.cancel(Job.objects.get().pk)
    # Even if the next one is due by then.
    now = timezone.now()
    Announcement.objects.update(first_at=now, next_at=now)
    end_lost_jobs()
    tasks.send_due()
    assert Delivery.objects.get() == delivery
    announcement.refresh_from_db()
    delivery.refresh_from_db()
    assert announcement.cancelled_at
    assert (announcement.next_at, delivery.ended_at is None) == (None, False)
    assert not Delivery.objects.stalled().exists()


def test_a_delivery_whose_job_was_deleted_gets_another(alice: User) -> None:
    delivery = begun(announce(alice))
    Job.objects.all().delete()
    time_passes(minutes=1)
    sending.go_on_with_stalled()
    delivery.refresh_from_db()
    assert delivery.job == Job.objects.get()


@pytest.mark.django_db(transaction=True)
def test_its_author_watches_and_can_cancel_the_rest(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1)
    monkeypatch.setattr("notifications.jobs.progress.WRITE_SECONDS", 0)
    send_chunk = sending.send_chunk

    def and_cancel(delivery_pk: int) -> int:
        count = send_chunk(delivery_pk)
        alice.jobs.cancel(Job.objects.get().pk)
        return count

    announcement = announce(alice)
    delivery = begun(announcement)
    job = Job.objects.get()
    monkeypatch.setattr(sending, "send_chunk", and_cancel)
    sending.deliver(job.pk, delivery.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (Job.State.CANCELLED, 1, 3)
    announcement.refresh_from_db()
    assert announcement.cancelled_at
    assert list(Receipt.objects.values_list("user", flat=True)) == [alice.pk]


@pytest.mark.django_db(transaction=True)
def test_a_task_that_comes_twice_sends_once_and_its_job_leads_to_the_roll(alice: User, bob: User) -> None:
    delivery = begun(announce(alice))
    job = Job.objects.get()
    sending.deliver(job.pk, delivery.pk)
    with pytest.raises(Taken):
        sending.deliver(job.pk, delivery.pk)
    assert lines(bob) == ["Fire drill"]
    assert Notification.objects.filter(inbox=bob.pk).get().count == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.result_url) == (Job.State.SUCCEEDED, 2, delivery.get_absolute_url())


@pytest.mark.django_db(transaction=True)
def test_once_everybody_has_it_its_worker_ends_without_a_pause(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("notifications.announcements.sending.time.sleep", pauses.append)
    delivery = begun(announce(alice))
    job = Job.objects.get()
    sending.deliver(job.pk, delivery.pk)
    job.refresh_from_db()
    assert (job.state, job.done, pauses) == (Job.State.SUCCEEDED, 2, [])


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_when_everybody_has_it_is_no_failure(alice: User, bob: User) -> None:
    delivery = begun(announce(alice))
    send_all(delivery)
    long_ago = timezone.now() - timedelta(minutes=1)
    Job.objects.update(state=Job.State.RUNNING, started_at=long_ago, alive_at=long_ago)
    end_lost_jobs()
    job = Job.objects.get()
    assert job.state == Job.State.WAITING, "for one that says so"
    sending.deliver(job.pk, delivery.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.result_url) == (Job.State.SUCCEEDED, 2, delivery.get_absolute_url())
    assert lines(bob) == ["Fire drill"]


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_at_it_together_tell_everybody_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sending, reminding):
        monkeypatch.setattr(module, "CHUNK", 7)
    User.objects.bulk_create(User(username=f"user{number}") for number in range(50))
    delivery = begun(announce(alice, must_acknowledge=True, remind_hours=1))
    at_once(lambda: sending.send_chunk(delivery.pk))
    delivery.refresh_from_db()
    assert delivery.count == Receipt.objects.count() == 51
    assert set(Notification.objects.filter(kind="announcement").values_list("count", flat=True)) == {1}
    hours_pass(1)
    at_once(remind)
    assert set(Receipt.objects.values_list("reminders", flat=True)) == {1}
    assert set(Notification.objects.filter(kind="announcement").values_list("count", flat=True)) == {2}


def at_once(step: Callable[[], object]) -> None:
    """Take a step again and again, as long as there is one to take, in four threads."""

    def work() -> None:
        try:
            while step():
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        for worker in [workers.submit(work) for _ in range(4)]:
            worker.result()
