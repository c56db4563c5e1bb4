"""What the database keeps of notifications."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone


class InboxManager(models.Manager["Inbox"]):
    """Finds inboxes by their owner."""

    def of(self, user: User) -> "Inbox":
        """Return the person's inbox, made on first use."""
        return self.get_or_create(user=user)[0]


class Inbox(models.Model):
    """A person's notifications as a stream: `seq` grows by one with every change to any of them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="inbox")
    seq = models.PositiveBigIntegerField(default=0)

    objects = InboxManager()

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"inbox of {self.user}"

    @property
    def stream(self) -> str:
        """The name of the stream and group of what reaches this person everywhere."""
        return f"user.{self.pk}"

    @property
    def unread(self) -> int:
        """How many notifications are not read yet."""
        return self.notifications.unread().count()

    def add(self, *, key: str | None = None, **fields: Any) -> tuple["Notification", bool]:
        """Add a notification and say whether it is new: with a `key`, a second one of that key is the first again."""
        with transaction.atomic():
            self._next_seq()
            if key is not None and (existing := self.notifications.filter(key=key).first()):
                return existing, False
            self.save(update_fields=["seq"])
            return self.notifications.create(key=key, seq=self.seq, **fields), True

    def mark_read(self, **which: Any) -> int:
        """Mark the unread notifications that match `which` (all, if it is empty) as read; return how many."""
        if not self.notifications.unread().filter(**which).exists():
            return 0
        with transaction.atomic():
            self._next_seq()
            count = self.notifications.unread().filter(**which).update(read_at=timezone.now(), seq=self.seq)
            if count:
                self.save(update_fields=["seq"])
        return count

    def rewrite(self, notification: "Notification", text: str) -> None:
        """Give one of the notifications another text."""
        with transaction.atomic():
            self._next_seq()
            self.save(update_fields=["seq"])
            notification.text, notification.seq = text, self.seq
            notification.save(update_fields=["text", "seq"])

    def _next_seq(self) -> None:
        # The row lock is what makes commit order the order of seq: no page can see 6 before 5 is there to be read.
        self.seq = Inbox.objects.select_for_update(no_key=True).values_list("seq", flat=True).get(pk=self.pk) + 1


class NotificationQuerySet(models.QuerySet["Notification"]):
    """The lists people see."""

    def unread(self) -> "NotificationQuerySet":
        """Return those not read yet."""
        return self.filter(read_at=None)

    def latest_first(self) -> "NotificationQuerySet":
        """Return them in the order of the bell page."""
        return self.order_by("-pk")

    def page(self, size: int = 50) -> Iterable["Notification"]:
        """Return the newest `size` of them."""
        return self.latest_first()[:size]


class Notification(models.Model):
    """Something one person should know: a line of text and where it leads."""

    class Kind(models.TextChoices):
        """What it is about; the page shows a sign for each."""

        MENTION = "mention", "Mention"
        DIRECT = "direct", "Direct message"
        NOTE = "note", "Note"

    inbox = models.ForeignKey(Inbox, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.NOTE)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=100, blank=True, help_text="The stream it is about, like chat.12.")
    key = models.CharField(max_length=100, null=True, help_text="At most one notification of a key.")  # noqa: DJ001
    seq = models.PositiveBigIntegerField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "key"], name="one_notification_per_key")]
        indexes = [
            models.Index(fields=["inbox", "seq"]),
            models.Index(fields=["inbox"], condition=models.Q(read_at=None), name="unread_notifications"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
