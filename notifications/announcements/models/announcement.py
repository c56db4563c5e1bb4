"""What staff tell many people at once."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from notifications import text
from notifications.jobs.models import Job

RETRY_AFTER = timedelta(seconds=30)
"""A sending that has reached nobody for so long may have lost its worker."""
LONGEST_REST = timedelta(hours=1)
"""However often it has failed, it is tried again after this."""


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    """Finds announcements by who is asking, and by what is to be done."""

    def visible_to(self, user: User) -> "AnnouncementQuerySet":
        """Return what the user may read: staff everything, others what they were sent."""
        return self if user.is_staff else self.sent_to(user)

    def sent_to(self, user: User) -> "AnnouncementQuerySet":
        """Return what the user was sent."""
        return self.filter(
            models.Exists(Receipt.objects.filter(user=user, delivery__announcement=models.OuterRef("pk")))
        )

    def coming(self) -> "AnnouncementQuerySet":
        """Return those that are to be sent, the next one first."""
        return self.filter(next_at__isnull=False).order_by("next_at", "pk")

    def due(self, now: datetime) -> "AnnouncementQuerySet":
        """Return those whose time has come."""
        return self.coming().filter(next_at__lte=now)

    def editable(self) -> "AnnouncementQuerySet":
        """Return those that nobody was sent yet."""
        return self.filter(next_at__isnull=False, deliveries=None)

    def announce(self, author: User, client_id: uuid.UUID | None = None, **fields: Any) -> "Announcement":
        """Return the announcement of a form, made unless that form, known by its `client_id`, has made it before.

        ValidationError if the form that made it said something else, which would be lost.
        """
        defaults = {**fields, "html": text.render(fields["body"]), "next_at": fields["first_at"]}
        made, is_new = self.get_or_create(author=author, client_id=client_id or uuid.uuid4(), defaults=defaults)
        if not is_new and not made.says(**fields):
            raise ValidationError("This form has made another announcement already. Send it again to make this one.")
        return made


class Announcement(models.Model):
    """A text for everybody, a group or a chat; now, later or again and again.

    `next_at` is when it is sent next, and empty when nothing more is due. Each sending is a `Delivery`. `barred_at` is
    when it was due and its author might not write to its audience any more.
    """

    class Every(models.TextChoices):
        """How often it is sent."""

        ONCE = "", "Once"
        DAY = "day", "Every day"
        WEEK = "week", "Every week"
        MONTH = "month", "Every month"

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="announcements")
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    audience = models.CharField(max_length=100, help_text="all, or the name of a group of people: group.3, chat.12.")
    first_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    every = models.CharField(max_length=10, choices=Every.choices, blank=True)
    must_acknowledge = models.BooleanField(default=False)
    remind_hours = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    barred_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    if TYPE_CHECKING:
        label: str  # set by audiences.label_all()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_id"], name="one_announcement_per_form")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="due_announcements")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address at which its recipients read it."""
        return reverse("announcement", args=[self.pk])

    @property
    def subject(self) -> str:
        """What the notifications of it are about."""
        return f"announcement.{self.pk}"

    @property
    def can_be_stopped(self) -> bool:
        """Whether there is anything yet to come of it: a sending, or reminders."""
        is_over = self.next_at is None and not self.remind_hours and not self.deliveries.open().exists()
        return self.cancelled_at is None and not is_over

    @property
    def edition(self) -> str:
        """What it says and when, in short: another one once it has been changed, sent or stopped."""
        said = (self.audience, self.title, self.body, self.every, self.must_acknowledge, self.remind_hours)
        return sha256(repr((*said, self.first_at, self.next_at)).encode()).hexdigest()

    def says(self, *, first_at: datetime, **fields: Any) -> bool:
        """Return whether it says this."""
        # What is sent at once has the moment of its form as its time, and another one when the form comes again.
        both_at_once = first_at <= timezone.now() and self.first_at <= self.created_at
        is_same_time = both_at_once or first_at == self.first_at
        return is_same_time and all(getattr(self, name) == value for name, value in fields.items())

    def change(self, edition: str, **fields: Any) -> bool:
        """Say something else, if it is this edition still and nobody was sent it; return whether that was so."""
        derived = {"html": text.render(fields["body"]), "next_at": fields["first_at"]}
        with transaction.atomic():
            # Asked behind the lock: PostgreSQL would not see a sending that has begun while this waited.
            found = Announcement.objects.select_for_update().filter(pk=self.pk).first()
            # Or it says so already: the same form has come twice.
            is_in_time = found is not None and (found.edition == edition or found.says(**fields))
            return is_in_time and bool(Announcement.objects.editable().filter(pk=self.pk).update(**fields, **derived))

    def stop(self) -> None:
        """Send nothing more of it, and remind nobody any more."""
        now = timezone.now()
        Announcement.objects.filter(pk=self.pk, cancelled_at=None).update(cancelled_at=now, next_at=None)
        self.deliveries.open().update(ended_at=now)


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

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    reached = models.PositiveBigIntegerField(default=0, editable=False)
    count = models.PositiveIntegerField(default=0, editable=False)
    acknowledged = models.PositiveIntegerField(default=0, editable=False)
    job = models.ForeignKey("notifications.Job", models.SET_NULL, null=True, editable=False, related_name="+")
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
        return reverse("announcement-roll", args=[self.pk])

    def note_sent(self, user_pks: Sequence[int], *, is_last: bool) -> None:
        """Note that these people were sent it, in the transaction in which they are."""
        self.alive_at = now = timezone.now()
        self.retry_at = now + RETRY_AFTER
        self.reached = user_pks[-1] if user_pks else self.reached
        self.count += len(user_pks)
        self.ended_at = now if is_last else None
        self.save(update_fields=["alive_at", "retry_at", "reached", "count", "ended_at"])

    def put_off(self) -> None:
        """Let it rest, from now on, for as long as it has reached nobody: twice as long each time."""
        now = timezone.now()
        self.retry_at = now + min(now - self.alive_at, LONGEST_REST)
        self.save(update_fields=["retry_at"])


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
        """Note that the person has read it, and count that; return whether it is news."""
        self.acknowledged_at = timezone.now()
        with transaction.atomic():
            unacknowledged = Receipt.objects.unacknowledged().filter(pk=self.pk)
            is_news = bool(unacknowledged.update(acknowledged_at=self.acknowledged_at))
            if is_news:
                Delivery.objects.filter(pk=self.delivery_id).update(acknowledged=F("acknowledged") + 1)
        return is_news
