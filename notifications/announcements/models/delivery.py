"""Sendings of announcements: how far each is, who was sent it, and who has acknowledged it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from notifications.jobs.models import Job
from notifications.live.door import group_name, push_html
from notifications.live.regions import stale
from notifications.live.verbs import dom_id, replace

RETRY_AFTER = timedelta(seconds=30)
"""A sending that has reached nobody for so long may have lost its worker."""
LONGEST_REST = timedelta(hours=1)
"""However often it has failed, it is tried again after this."""


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Finds sendings by how far they are."""

    def open(self) -> "DeliveryQuerySet":
        """Return those that have not reached everybody yet."""
        return self.filter(ended_at=None)

    def stalled(self) -> "DeliveryQuerySet":
        """Return those that have reached nobody for a while and have rested since, and those that were cancelled."""
        return self.open().filter(models.Q(retry_at__lte=timezone.now()) | models.Q(job__state=Job.State.CANCELLED))


class Delivery(models.Model):
    """One sending of an announcement. Everybody up to the user `reached` has it; a killed worker goes on from there.

    `alive_at` is when it last reached somebody, `retry_at` when it is tried again if it has failed by then.
    """

    announcement = models.ForeignKey("notifications.Announcement", models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    reached = models.PositiveBigIntegerField(default=0, editable=False)
    count = models.PositiveIntegerField(default=0, editable=False)
    acknowledged = models.PositiveIntegerField(default=0, editable=False)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, editable=False, related_name="+")
    alive_at = models.DateTimeField(editable=False)
    retry_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["announcement", "due_at"], name="one_delivery_per_time")]

    def __str__(self) -> str:
        return f"{self.announcement} at {self.due_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        """Return the address of the roll: who was sent it, and who has acknowledged."""
        return reverse("notifications:announcement-roll", args=[self.pk])

    def note_sent(self, user_pks: Sequence[int], *, is_last: bool) -> None:
        """Note that these people were sent it, in the transaction in which they are, and show it on its open rolls."""
        self.alive_at = now = timezone.now()
        self.retry_at = now + RETRY_AFTER
        self.reached = user_pks[-1] if user_pks else self.reached
        self.count += len(user_pks)
        self.ended_at = now if is_last else None
        self.save(update_fields=["alive_at", "retry_at", "reached", "count", "ended_at"])
        self.show_count()
        if is_last:
            self.show_end()

    def put_off(self) -> None:
        """Let it rest, from now on, for as long as it has reached nobody: twice as long each time."""
        now = timezone.now()
        self.retry_at = now + min(now - self.alive_at, LONGEST_REST)
        self.save(update_fields=["retry_at"])

    def show_count(self) -> None:
        """Show on its open rolls how many there are."""
        replace(self, "#roll-count", "notifications/announcements/_roll_count.html", {"delivery": self})

    def show_end(self) -> None:
        """Have its open rolls fetch their rows, which are other ones on each page: once, when all of them are there."""
        push_html(self, "delivery_ended", stale(group_name(self)))


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Finds receipts by what is still to be done."""

    def unacknowledged(self) -> "ReceiptQuerySet":
        """Return those of people who have not acknowledged yet."""
        return self.filter(acknowledged_at=None)

    def to_remind(self, hours: int, now: datetime) -> "ReceiptQuerySet":
        """Return those of people to be reminded, of what is reminded of every so many hours."""
        return self.unacknowledged().filter(
            reminded_at__lte=now - timedelta(hours=hours),
            user__is_active=True,
            delivery__announcement__remind_hours=hours,
            delivery__announcement__cancelled_at=None,
        )

    def acknowledge(self) -> None:
        """Note of each that it is acknowledged, and show it on the open rolls."""
        for receipt in self.unacknowledged().select_related("delivery__announcement", "user"):
            receipt.acknowledge()


class Receipt(models.Model):
    """That one person was sent an announcement, and when they have acknowledged it."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="receipts")
    created_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True, help_text="When they were last told of it, or had left and were not.")
    reminders = models.PositiveIntegerField(default=0)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "user"], name="one_receipt_per_person")]
        indexes = [
            models.Index(fields=["delivery", "acknowledged_at"], name="acknowledged_receipts"),
            models.Index(
                fields=["reminded_at"], condition=models.Q(acknowledged_at=None), name="unacknowledged_receipts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.delivery}"

    def acknowledge(self) -> bool:
        """Note that the person has read it, count that and show it on the open rolls; return whether it is news."""
        self.acknowledged_at = timezone.now()
        with transaction.atomic():
            unacknowledged = Receipt.objects.unacknowledged().filter(pk=self.pk)
            is_news = bool(unacknowledged.update(acknowledged_at=self.acknowledged_at))
            if is_news:
                Delivery.objects.filter(pk=self.delivery_id).update(acknowledged=F("acknowledged") + 1)
                self._show()
        return is_news

    def _show(self) -> None:
        # Counting has locked the delivery's row: whoever acknowledges next shows a greater number, and later.
        self.delivery.refresh_from_db(fields=["count", "acknowledged", "ended_at"])
        context = {"receipt": self, "delivery": self.delivery}
        replace(self.delivery, f"#{dom_id(self)}", "notifications/announcements/_receipt.html", context)
        self.delivery.show_count()
