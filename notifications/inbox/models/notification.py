"""What an inbox holds: rows of notifications, and what has happened to make them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils import timezone

from notifications.http import is_address
from notifications.inbox import kinds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotificationQuerySet(models.QuerySet["Notification"]):
    """The lists people see."""

    def listed(self) -> "NotificationQuerySet":
        """Return those in the inbox itself: neither archived nor snoozed."""
        return self.filter(archived_at=None, snoozed_until=None)

    def snoozed(self) -> "NotificationQuerySet":
        """Return those put away until a time."""
        return self.filter(snoozed_until__isnull=False)

    def archived(self) -> "NotificationQuerySet":
        return self.filter(archived_at__isnull=False)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)

    def unseen(self) -> "NotificationQuerySet":
        """Return what the bell counts: those in the inbox that no screen has shown yet."""
        return self.listed().filter(seen_at=None)

    def repeatable(self, kind: str, subject: str) -> "NotificationQuerySet":
        """Return the rows into which another notification of this kind about this subject folds."""
        return self.unread().filter(archived_at=None, kind=kind, subject=subject) if subject else self.none()

    def latest_first(self) -> "NotificationQuerySet":
        """Return them in the order of the lists."""
        return self.order_by("-newest_at", "-pk")

    def page(self, size: int = 50, before: tuple[datetime, int] | None = None) -> Iterable["Notification"]:
        """Return the newest `size` of them, or of those before a place in the order of the lists."""
        found = self.latest_first()
        if before:
            newest_at, pk = before
            # The first condition is the one that an index answers.
            found = found.filter(newest_at__lte=newest_at).exclude(newest_at=newest_at, pk__gte=pk)
        return found[:size]


class Notification(models.Model):
    """A row of an inbox: a line of text and where it leads. Repeats about one subject are `count`ed in one row.

    Its states are kept apart: seen (it was on the screen), read (it was opened), archived (put away), and snoozed (put
    away until a time). `seq` is the inbox's at its last change.
    """

    inbox = models.ForeignKey("Inbox", models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, default=kinds.NOTE, help_text="The name of a registered kind.")
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=100, blank=True, help_text="The stream it is about, like chat.12.")
    count = models.PositiveIntegerField(default=1)
    seq = models.PositiveBigIntegerField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    newest_at = models.DateTimeField(default=timezone.now, help_text="When the newest of what it counts happened.")
    seen_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["inbox", "seq"]),
            models.Index(fields=["inbox", "-newest_at", "-id"], name="newest_notifications"),
            models.Index(fields=["inbox"], condition=models.Q(read_at=None), name="unread_notifications"),
            models.Index(fields=["inbox"], condition=models.Q(seen_at=None), name="unseen_notifications"),
            models.Index(
                fields=["snoozed_until"], condition=models.Q(snoozed_until__isnull=False), name="snoozed_notifications"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about.label} {self.pk}"

    @property
    def about(self) -> kinds.Kind:
        """Its kind, with label and sign."""
        return kinds.get(self.kind)

    @property
    def shelf(self) -> str:
        """Which list it is in."""
        if self.archived_at:
            return "archived"
        return "snoozed" if self.snoozed_until else "inbox"

    @property
    def is_unseen(self) -> bool:
        """Whether the bell counts it, and a toast may show it."""
        return self.seen_at is None and self.shelf == "inbox"

    @property
    def address(self) -> str:
        """Where it leads; nowhere, if an older version has taken what is no address."""
        return self.url if is_address(self.url) else ""

    @property
    def place(self) -> str:
        """Its place in the order of the lists, as an address and a script can hold it."""
        return f"{(self.newest_at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @property
    def what(self) -> str:
        """What it tells of, in words: `Mention`, or `3 new mentions`."""
        label, plural = self.about.label, self.about.plural.lower()
        return label if self.count == 1 else f"{self.count} new {plural}"


class Occurrence(models.Model):
    """One thing that has happened and was told by a notification; at most one of a `key` in an inbox."""

    inbox = models.ForeignKey("Inbox", models.CASCADE, related_name="occurrences")
    notification = models.ForeignKey(Notification, models.CASCADE, related_name="occurrences")
    key = models.CharField(max_length=100, null=True, help_text="Telling it again changes nothing.")  # noqa: DJ001
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "key"], name="one_occurrence_per_key")]
        indexes = [
            models.Index(fields=["key"], condition=models.Q(key__isnull=False), name="occurrences_by_key"),
        ]

    def __str__(self) -> str:
        return f"occurrence {self.pk}"
