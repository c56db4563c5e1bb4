"""Sending announcements, chunk by chunk: a worker may die anywhere, and the next one goes on from there."""

import time
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from notifications.announcements import audiences, recurrence
from notifications.announcements.models.announcement import Announcement
from notifications.announcements.models.delivery import RETRY_AFTER, Delivery, Receipt
from notifications.inbox.notify import notify, notify_many
from notifications.jobs import lifecycle as jobs
from notifications.jobs.models import Job
from notifications.jobs.progress import Cancelled, progress_of
from notifications.queue import enqueue_on_commit, for_each

KIND = "announcement"
"""The kind of what the inbox tells of them."""
CHUNK = 500
"""How many people are sent an announcement in one transaction."""
BREATH = 0.1
"""Seconds between two chunks: so often SQLite lets those who wait to write try again, and none of them may starve."""
AT_ONCE = 100
"""How many announcements are begun, or gone on with, at one time."""


def send_soon() -> None:
    """Have a worker look at what is due, after commit; without this, beat has it do so within seconds."""
    enqueue_on_commit("notifications.tasks.send_due")


def begin_due() -> None:
    """Begin to send the announcements whose time has come; only once, whatever an outage has held up."""
    now = timezone.now()
    due = list(Announcement.objects.due(now).values_list("pk", flat=True)[:AT_ONCE])
    for_each(due, lambda pk: _begin(pk, now))


def go_on_with_stalled() -> None:
    """Have a worker go on with what another has left in the middle; what was cancelled is stopped for good."""
    stalled = Delivery.objects.stalled().select_related("announcement__author", "job")
    for_each(stalled.order_by("retry_at")[:AT_ONCE], _go_on)


def deliver(job_pk: int, delivery_pk: int) -> None:
    """Send to everybody who has not been sent it yet, while its author watches."""
    delivery = Delivery.objects.select_related("announcement").get(pk=delivery_pk)
    total = audiences.users(delivery.announcement.audience, delivery.created_at).count()
    with progress_of(job_pk, max(total, delivery.count), done=delivery.count) as block:
        if delivery.announcement.cancelled_at:
            raise Cancelled
        try:
            # No pause after the last ones: a worker that is killed in it has not said that everybody has it.
            while (count := send_chunk(delivery.pk)) == CHUNK:
                block.advance(count)
                time.sleep(BREATH)
            block.advance(count)
            block.result(delivery.get_absolute_url(), "Who got it")
        except Cancelled:
            delivery.announcement.stop(delivery.announcement.author)
            raise


def send_chunk(delivery_pk: int) -> int:
    """Send to the next people after the one who was reached last; return how many: fewer than a chunk are the last."""
    with transaction.atomic():
        # The lock lets only one worker at a time send, and the next one see how far that has come.
        locked = Delivery.objects.open().select_related("announcement").select_for_update(of=("self",))
        delivery = locked.filter(pk=delivery_pk).first()
        if delivery is None:
            return 0
        pks = _next_recipients(delivery)
        _send_to(delivery, pks)
        delivery.note_sent(pks, is_last=len(pks) < CHUNK)
        if delivery.ended_at:
            delivery.announcement.show()
        return len(pks)


def tell_of(delivery: Delivery, user_pks: Collection[int], text: str, key: str) -> None:
    """Put a line about an announcement into these people's inboxes, once for a key."""
    announcement = delivery.announcement
    notify_many(
        user_pks,
        text,
        announcement.get_absolute_url(),
        kind=KIND,
        subject=announcement.subject,
        key=key,
    )


def _go_on(delivery: Delivery) -> None:
    if delivery.job is None:
        _start_job(delivery)
    elif delivery.job.state == Job.State.CANCELLED:
        delivery.announcement.stop(delivery.announcement.author)
    elif delivery.job.state == Job.State.FAILED:
        # First: whomever the next worker reaches ends the rests.
        delivery.put_off()
        Job.objects.filter(state=Job.State.FAILED).retry(delivery.job.pk)


def _begin(pk: int, now: datetime) -> None:
    with transaction.atomic():
        announcement = Announcement.objects.due(now).filter(pk=pk).select_for_update(skip_locked=True).first()
        if announcement is None:
            return
        # Asked each time: since the last one the author may have lost the room, or left the staff.
        if audiences.is_open_to(announcement.author, announcement.audience):
            _begin_delivery(announcement, now)
        else:
            _give_up(announcement, now)
        announcement.show()


def _begin_delivery(announcement: Announcement, now: datetime) -> None:
    due_at, announcement.next_at = recurrence.around(
        announcement.first_at, announcement.every, now, announcement.tzinfo
    )
    announcement.save(update_fields=["next_at"])
    signs = {"alive_at": now, "retry_at": now + RETRY_AFTER}
    delivery, is_new = announcement.deliveries.get_or_create(due_at=due_at, defaults=signs)
    if is_new:
        _start_job(delivery)


def _give_up(announcement: Announcement, now: datetime) -> None:
    # It is not cancelled: people are still reminded of what was sent rightly.
    announcement.next_at, announcement.barred_at = None, now
    announcement.save(update_fields=["next_at", "barred_at"])
    author = announcement.author
    if author.is_active:
        text = f"“{announcement}” is not sent any more: you may not announce to its audience"
        # Who is not among the staff any more may be shown no page.
        url = announcement.get_absolute_url() if author.is_staff else ""
        key = f"{announcement.subject}.barred"
        notify(author, text, url, kind=KIND, subject=announcement.subject, key=key)


def _start_job(delivery: Delivery) -> None:
    announcement = delivery.announcement
    title, key = f"Sending “{announcement}”", f"delivery.{delivery.pk}"
    delivery.job = jobs.start(announcement.author, title, "notifications.tasks.deliver", delivery.pk, key=key)
    delivery.save(update_fields=["job"])


def _next_recipients(delivery: Delivery) -> list[int]:
    users = audiences.users(delivery.announcement.audience, delivery.created_at).filter(pk__gt=delivery.reached)
    return list(users.order_by("pk").values_list("pk", flat=True)[:CHUNK])


def _send_to(delivery: Delivery, user_pks: Collection[int]) -> None:
    announcement = delivery.announcement
    reminded_at = timezone.now() if announcement.remind_hours else None
    receipts = [Receipt(delivery=delivery, user_id=pk, reminded_at=reminded_at) for pk in user_pks]
    Receipt.objects.bulk_create(receipts, ignore_conflicts=True)
    text = f"Please acknowledge: {announcement}" if announcement.must_acknowledge else str(announcement)
    tell_of(delivery, user_pks, text, key=f"delivery.{delivery.pk}")
