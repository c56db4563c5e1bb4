"""What staff tell many people at once."""

import uuid
from collections.abc import Collection
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from notifications.announcements import audiences, zones
from notifications.announcements.models.delivery import Receipt
from notifications.jobs.models import Job
from notifications.live.door import push_html
from notifications.live.regions import stale
from notifications.prose import text


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

    @staticmethod
    def label(announcements: "Collection[Announcement]") -> None:
        """Give these the `label` of their audience that lists show, with one query for each kind of audience."""
        found = audiences.labels({announcement.audience for announcement in announcements})
        for announcement in announcements:
            announcement.label = found[announcement.audience]


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
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    audience = models.CharField(max_length=100, help_text="all, or the name of a group of people: group.3, chat.12.")
    first_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    every = models.CharField(max_length=10, choices=Every.choices, blank=True)
    zone = models.CharField(
        max_length=zones.LONGEST, blank=True, default="", db_default="", help_text="By its clock it comes again."
    )
    must_acknowledge = models.BooleanField(default=False)
    remind_hours = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    barred_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    if TYPE_CHECKING:
        label: str  # set by AnnouncementQuerySet.label()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_id"], name="one_announcement_per_form")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="due_announcements")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("notifications:announcement", args=[self.pk])

    @property
    def subject(self) -> str:
        """What the notifications of it are about."""
        return f"announcement.{self.pk}"

    @property
    def tzinfo(self) -> tzinfo:
        """The zone by whose clock it comes again: the site's, if it names none that there is."""
        return zones.find(self.zone) or timezone.get_default_timezone()

    @property
    def can_be_stopped(self) -> bool:
        """Whether there is anything yet to come of it: a sending, or reminders."""
        is_over = self.next_at is None and not self.remind_hours and not self.deliveries.open().exists()
        return self.cancelled_at is None and not is_over

    def is_managed_by(self, user: User) -> bool:
        """Return whether somebody may change and stop it: its author, and staff who may announce to its audience."""
        return user.is_staff and (user.pk == self.author_id or audiences.is_open_to(user, self.audience))

    @property
    def edition(self) -> str:
        """What it says and when, in short: another one once it has been changed, sent or stopped."""
        said = (self.audience, self.title, self.body, self.every, self.zone, self.must_acknowledge, self.remind_hours)
        return sha256(repr((*said, self.first_at, self.next_at)).encode()).hexdigest()

    def says(self, *, first_at: datetime, **fields: Any) -> bool:
        """Return whether it says this."""
        # What is sent at once has the moment of its form as its time, and another one when the form comes again.
        both_at_once = first_at <= timezone.now() and self.first_at <= self.created_at
        is_same_time = both_at_once or first_at == self.first_at
        return is_same_time and all(getattr(self, name) == value for name, value in fields.items())

    def change(self, edition: str, by: User, **fields: Any) -> bool:
        """Say something else, if it is this edition still and nobody was sent it; return whether that was so."""
        derived = {"html": text.render(fields["body"]), "next_at": fields["first_at"], "changed_by": by}
        with transaction.atomic():
            # Asked behind the lock: PostgreSQL would not see a sending that has begun while this waited.
            found = Announcement.objects.select_for_update().filter(pk=self.pk).first()
            # Or it says so already: the same form has come twice.
            is_in_time = found is not None and (found.edition == edition or found.says(**fields))
            editable = Announcement.objects.editable().filter(pk=self.pk)
            is_changed = is_in_time and bool(editable.update(**fields, **derived))
            if is_changed:
                self.show()
        return is_changed

    def stop(self, by: User) -> None:
        """Send nothing more of it, not even the rest of what is being sent, and remind nobody any more."""
        deliveries = list(self.deliveries.open())
        for delivery in deliveries:
            if delivery.job_id:
                Job.objects.cancel(delivery.job_id)
        now = timezone.now()
        going_on = Announcement.objects.filter(pk=self.pk, cancelled_at=None)
        going_on.update(cancelled_at=now, next_at=None, changed_by=by)
        self.deliveries.open().update(ended_at=now)
        for delivery in deliveries:
            delivery.show_end()
        self.show()

    def show(self) -> None:
        """Have its open pages fetch where it stands: what staff may do with it is in there, in forms of their own."""
        push_html(self, "announcement_changed", stale(self.subject))
