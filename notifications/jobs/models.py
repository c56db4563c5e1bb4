"""A background task as the person who waits for it sees it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from notifications.http import is_address
from notifications.inbox.models.inbox import Inbox
from notifications.jobs.limits import TooMany, limit_of
from notifications.live.door import push, push_html, render_push
from notifications.queue import enqueue_on_commit

LOST_AFTER = timedelta(seconds=20)
"""How long a job may run without a sign of life from its process."""
SHOWN_FOR = timedelta(minutes=10)
"""How long a job that ended is still shown on every page."""
AS_NEW = {
    *("state", "done", "total", "log", "error", "result_url", "result_label"),
    *("started_at", "ended_at", "cancel_asked_at", "seen_at", "told_at", "dismissed_at"),
}
"""What of a job is as it was at first when it is retried."""


class JobQuerySet(models.QuerySet["Job"]):
    """Finds jobs by what may happen to them next, and makes it happen to one of them, only once.

    The verbs show what they change on all pages of its owner. They return the job as it is then, or None if it is not
    among these (any more).
    """

    def add(self, *, key: str | None = None, **fields: Any) -> tuple["Job", bool]:
        """Make a job that waits, and say whether it is new: with a `key`, a second one of that key is the first again.

        `alive_at` is when a waiting job was last queued.
        """
        fields["alive_at"] = timezone.now()
        if key is None:
            return self.create(**fields), True
        else:
            return self.get_or_create(key=key, defaults=fields)

    def waiting(self) -> "JobQuerySet":
        """Return those that no process has taken yet."""
        return self.filter(state=Job.State.WAITING)

    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=Job.UNFINISHED)

    def running(self) -> "JobQuerySet":
        return self.filter(state=Job.State.RUNNING)

    def lost(self) -> "JobQuerySet":
        """Return those whose process has stopped without a word."""
        return self.running().filter(alive_at__lt=timezone.now() - LOST_AFTER)

    def claimable(self) -> "JobQuerySet":
        """Return those that a process may take: they wait, or the one that ran them has stopped."""
        return self.waiting() | self.lost().filter(cancel_asked_at=None)

    def held(self, started_at: datetime) -> "JobQuerySet":
        """Return those that run since this moment: who took one then still has it, and nobody else does."""
        return self.running().filter(started_at=started_at)

    def ended(self) -> "JobQuerySet":
        return self.exclude(state__in=Job.UNFINISHED)

    def repeatable(self) -> "JobQuerySet":
        """Return those that did not succeed and can be started again."""
        return self.filter(state__in=[Job.State.FAILED, Job.State.CANCELLED]).exclude(task="")

    def untold(self) -> "JobQuerySet":
        """Return those whose end nobody has seen or been told of."""
        return self.ended().filter(seen_at=None, told_at=None)

    def on_pages(self) -> "JobQuerySet":
        """Return what is shown on every page: those under way and those just ended, the newest first."""
        is_recent = Q(ended_at__gt=timezone.now() - SHOWN_FOR, dismissed_at=None)
        return self.filter(Q(state__in=Job.UNFINISHED) | is_recent).order_by("-pk")

    def change(self, pk: int, **fields: Any) -> "Job | None":
        """Change the job in its turn: pages that miss it catch up with it."""
        with transaction.atomic():
            job = self._update(pk, **fields)
            if job:
                job.show()
        return job

    def report(self, pk: int, **fields: Any) -> "Job | None":
        """Change the job on its way, which the next change makes good if a page misses it."""
        job = self._update(pk, **fields)
        if job:
            push(job.user, "notifications/push/job_progress.html", {"job": job})
        return job

    def cancel(self, pk: int) -> "Job | None":
        """End a job that waits, or ask the one that runs it to stop."""
        now = timezone.now()
        end = {"state": Job.State.CANCELLED, "cancel_asked_at": now, "ended_at": now, "seen_at": now}
        asked = self.running().filter(cancel_asked_at=None)
        return self.waiting().change(pk, **end) or asked.change(pk, cancel_asked_at=now)

    def retry(self, pk: int) -> "Job | None":
        """Queue a job that did not succeed once more, as if it had never run; TooMany if there are enough."""
        fresh = {field.name: field.get_default() for field in Job._meta.fields if field.name in AS_NEW}
        with transaction.atomic():
            if found := self.repeatable().filter(pk=pk).first():
                # Before the change, as when it was started: the person is locked before their inbox.
                found.ask_for_room()
            job = self.repeatable().change(pk, **fresh | {"alive_at": timezone.now()})
            if job:
                job.enqueue()
        return job

    def dismiss(self, pk: int) -> "Job | None":
        """Take a job that has ended off the pages."""
        now = timezone.now()
        return self.ended()._change_and_show_all(pk, seen_at=now, dismissed_at=now)

    def withdraw(self, pk: int, reason: str) -> "Job | None":
        """Take back the result of a job, which is there no more, and say why in its place."""
        return self.exclude(result_url="")._change_and_show_all(pk, result_url="", result_label=reason)

    def see(self, pk: int) -> None:
        """Note that the end of a job was on its owner's screen."""
        self.ended().filter(pk=pk, seen_at=None).update(seen_at=timezone.now())

    def panel(self) -> str:
        """Render those under way and those just ended, as every page shows them."""
        return render_push("notifications/push/jobs.html", {"jobs": self.on_pages()})

    def _change_and_show_all(self, pk: int, **fields: Any) -> "Job | None":
        # The card of a job that is on no page any more must not come back, so all that are shown are drawn afresh.
        with transaction.atomic():
            job = self._update(pk, **fields)
            if job:
                # The place first: it locks the inbox, so that nothing starts between the reading and this.
                seq = Inbox.objects.of(job.user).take_seq()
                push_html(job.user, "jobs", Job.objects.filter(user=job.user_id).panel(), seq)
        return job

    def _update(self, pk: int, **fields: Any) -> "Job | None":
        with transaction.atomic():
            changed = self.filter(pk=pk).update(version=F("version") + 1, **fields)
            return Job.objects.select_related("user").get(pk=pk) if changed else None


class Job(models.Model):
    """How far a task has come, whatever process runs it.

    Whoever runs it renews `alive_at`; a job that runs without that for a while has lost its process. `started_at` says
    which run it is: only the process that started it then may change it. `task` and `arguments` say how it is started
    again. `version` grows with every change, so that no page goes back.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    UNFINISHED = (State.WAITING, State.RUNNING)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs")
    title = models.CharField(max_length=200)
    key = models.CharField(max_length=100, unique=True, null=True, editable=False)  # noqa: DJ001
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    done_before = models.PositiveBigIntegerField(default=0, help_text="What was done when the run that counts began.")
    total = models.PositiveBigIntegerField(null=True)
    log = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    result_url = models.CharField(max_length=500, blank=True)
    result_label = models.CharField(max_length=100, blank=True)
    task = models.CharField(max_length=200, blank=True, editable=False)
    arguments = models.JSONField(default=list, editable=False)
    version = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, editable=False)
    alive_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    cancel_asked_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False, help_text="When its end was on the person's screen.")
    told_at = models.DateTimeField(null=True, editable=False, help_text="When its end went to the inbox.")
    dismissed_at = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="newest_jobs"),
            models.Index(fields=["state", "alive_at"], name="jobs_by_state"),
            models.Index(fields=["ended_at"], condition=Q(seen_at=None, told_at=None), name="untold_jobs"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What notifications of it are about."""
        return f"job.{self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def is_stopping(self) -> bool:
        """Whether it runs on only until it notices that it is cancelled."""
        return self.state == self.State.RUNNING and self.cancel_asked_at is not None

    @property
    def is_unseen(self) -> bool:
        """Whether nobody has seen its end."""
        return not self.is_unfinished and self.seen_at is None

    @property
    def is_repeatable(self) -> bool:
        return bool(self.task) and self.state in {self.State.FAILED, self.State.CANCELLED}

    @property
    def result_address(self) -> str:
        """Where its result is; nowhere, if an older version has taken what is no address."""
        return self.result_url if is_address(self.result_url) else ""

    @property
    def elapsed(self) -> timedelta:
        """How long it has run, as of the last sign of life."""
        until = self.ended_at or self.alive_at
        if until and not self.ended_at:
            # A program that has announced its silence is alive until then.
            until = min(until, timezone.now())
        return until - self.started_at if until and self.started_at else timedelta()

    @property
    def percent(self) -> int | None:
        """How much is done, of 100, if it is known how much there is to do."""
        return min(100, 100 * self.done // self.total) if self.total else None

    @property
    def rate(self) -> float:
        """How many items a second it has done since it started."""
        return (self.done - self.done_before) / self.elapsed.total_seconds() if self.elapsed else 0.0

    @property
    def remaining(self) -> timedelta | None:
        """How long it will still take at this rate, if that can be said."""
        if self.total is None or not self.rate:
            return None
        return timedelta(seconds=max(0, self.total - self.done) / self.rate)

    def show(self) -> None:
        """Show on its owner's pages how it is now; call it in the transaction that has changed it."""
        push(self.user, "notifications/push/job.html", {"job": self}, Inbox.objects.of(self.user).take_seq())

    def enqueue(self) -> None:
        """Have a worker run its task, after commit; what the queue does not take is queued again later."""
        enqueue_on_commit(self.task, self.pk, *self.arguments)

    def ask_for_room(self) -> None:
        """Raise TooMany if its owner has as many others of its task as they may; call it in a transaction."""
        if limit := limit_of(self.task):
            # Behind this lock, so that whoever asks at the same moment is counted.
            get_user_model().objects.select_for_update(no_key=True).get(pk=self.user_id)
            others = Job.objects.unfinished().filter(user=self.user_id, task=self.task).exclude(pk=self.pk)
            if others.count() >= limit.at_once:
                raise TooMany(limit.refusal)
