"""A person's inbox: the verbs by which its notifications come and change, each of them a change of its stream."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from notifications.inbox.models.notification import Notification, NotificationQuerySet
from notifications.live import streams
from notifications.live.door import push_html, render_push

BELL_LIMIT = 100
"""The bell counts so far and no further."""
WAKE_BATCH = 1000
"""How many due notifications are looked at in one go."""
REPLAY_LIMIT = 50
"""How many changed rows a page is sent one by one; past that it fetches its list."""


class InboxManager(models.Manager["Inbox"]):
    """Finds inboxes by their owner."""

    def of(self, user: User) -> "Inbox":
        """Return the person's inbox, made on first use."""
        return self.get_or_create(user=user)[0]

    def lock(self, user_pks: Iterable[int]) -> list[int]:
        """Lock these inboxes until the transaction ends, always in the same order; return those that there are."""
        found = self.filter(pk__in=user_pks).select_for_update(no_key=True).order_by("pk")
        return list(found.values_list("pk", flat=True))

    def with_due(self) -> models.QuerySet["Inbox"]:
        """Return inboxes in which something was snoozed until now: those that have waited longest, some at a time."""
        due = Notification.objects.filter(snoozed_until__lte=timezone.now()).order_by("snoozed_until")
        return self.filter(pk__in=set(due.values_list("inbox_id", flat=True)[:WAKE_BATCH]))


class Inbox(models.Model):
    """A person's notifications as a stream: `seq` grows by one with every change to any of them.

    The verbs push what they change to all of the person's pages, and return how many notifications that was.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="inbox")
    seq = models.PositiveBigIntegerField(default=0)
    is_hooked = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Whether it has webhooks."
    )

    objects = InboxManager()

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"inbox of {self.user}"

    @property
    def stream(self) -> str:
        """The name of the stream and group of what reaches this person everywhere."""
        return streams.of_person(self.pk)

    @property
    def unseen(self) -> int:
        """What the bell shows: how many notifications in the inbox no screen has shown yet, at most `BELL_LIMIT`."""
        return self.notifications.unseen()[:BELL_LIMIT].count()

    def mark_seen(self) -> int:
        """Note that what the bell counts was on a screen."""
        return self._change(self.notifications.unseen(), seen_at=timezone.now())

    def mark_read(self, **which: Any) -> int:
        """Mark the unread notifications that match `which` (all, if it is empty) as read."""
        return self._change(self.notifications.unread().filter(**which), read_at=timezone.now(), seen_at=_by_now())

    def mark_unread(self, **which: Any) -> int:
        """Mark those that match as not read; their owner has seen them all the same."""
        return self._change(self.notifications.filter(read_at__isnull=False, **which), read_at=None)

    def archive(self, **which: Any) -> int:
        """Put those that match away."""
        found = self.notifications.filter(archived_at=None, **which)
        return self._change(found, archived_at=timezone.now(), snoozed_until=None, seen_at=_by_now())

    def snooze(self, until: datetime, **which: Any) -> int:
        """Put those that match away until a time, after which `wake` brings them back."""
        found = self.notifications.filter(**which)
        return self._change(found, snoozed_until=until, archived_at=None, seen_at=_by_now())

    def bring_back(self, **which: Any) -> int:
        """Put those that match back into the list, to where they were."""
        found = self.notifications.filter(**which).exclude(archived_at=None, snoozed_until=None)
        return self._change(found, archived_at=None, snoozed_until=None)

    def wake(self) -> int:
        """Put those whose time has come back on top of the list, as if they were new."""
        now = timezone.now()
        due = self.notifications.filter(snoozed_until__lte=now)
        return self._change(due, "notified", newest_at=now, snoozed_until=None, seen_at=None, read_at=None)

    def fragments(self, after: int) -> str:
        """Render what changed after `after`, or that the lists are to be drawn afresh, and the bell's count."""
        changed = list(self.notifications.filter(seq__gt=after).order_by("seq")[: REPLAY_LIMIT + 1])
        context = {"inbox": self, "changed": changed, "is_too_much": len(changed) > REPLAY_LIMIT}
        return render_push("notifications/push/changes.html", context)

    def push_changes(self, event: str) -> None:
        """Push the last change to all pages of its owner; `event` names what has happened."""
        push_html(self.stream, event, self.fragments(self.seq - 1), self.seq)

    def take_seq(self) -> int:
        """Return the next `seq` for a change of what stands beside the notifications; call it in its transaction."""
        self._lock()
        self._advance()
        return self.seq

    def _change(self, found: NotificationQuerySet, event: str = "inbox_changed", **values: Any) -> int:
        if not found.exists():
            return 0
        with transaction.atomic():
            self._lock()
            # Asked again behind the lock: somebody else may have done it meanwhile.
            count = found.update(seq=self.seq + 1, **values)
            if count:
                self._advance()
        if count:
            self.push_changes(event)
        return count

    def _lock(self) -> None:
        # The row lock is what makes commit order the order of seq: no page can see 6 before 5 is there to be read.
        self.seq = Inbox.objects.select_for_update(no_key=True).values_list("seq", flat=True).get(pk=self.pk)

    def _advance(self) -> None:
        self.seq += 1
        self.save(update_fields=["seq"])


def _by_now() -> Coalesce:
    return Coalesce("seen_at", timezone.now())
