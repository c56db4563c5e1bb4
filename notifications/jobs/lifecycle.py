"""Background tasks that report: how they are started, stopped and shown to the person who waits for them.

    jobs.start(user, "Export of General", export_chat, chat.pk)

    @shared_task
    def export_chat(job_pk: int, chat_pk: int) -> None:
        with progress_of(job_pk, total=…) as p:
            …

A turn of a job (it starts, ends, is cancelled) takes a place in its owner's inbox stream, so that no page misses it;
what is shown in between are hints.
"""

from collections.abc import Collection
from typing import Any

from celery import signature
from django.contrib.auth.models import User
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from notifications.jobs.models import JobQuerySet
from notifications.live.door import push, push_html
from notifications.models import Inbox, Job
from notifications.queue import enqueue
from notifications.text import line as one_line

CARD = "notifications/push/job.html"

State = Job.State


class TooMany(Exception):
    """A person has as many unfinished jobs of a task as they may; it says so in words for them."""


def limit(task: str, at_once: int, refusal: str) -> None:
    """Let a person have so many unfinished jobs of the task of this name, and say so to those who ask for more."""
    _limits[task] = at_once, refusal


def start(user: User, title: str, task: Any, *arguments: Any, key: str | None = None) -> Job:
    """Make a job for a person and queue `task(job.pk, *arguments)` after commit; the person can retry it.

    `arguments` are kept as JSON. With a `key`, starting it again changes nothing until 30 days after its end. TooMany
    if the task's limit is reached.
    """
    fields = {"user": user, "title": one_line(title, 200), "task": task.name, "arguments": arguments}
    with transaction.atomic():
        job, is_new = Job.objects.add(key=key, **fields)
        if is_new:
            _ask_for_room(job)
            _show(job)
            queue(job)
    return job


def turn(jobs: JobQuerySet, pk: int, **fields: Any) -> Job | None:
    """Change the job `pk` and show it, if it is among `jobs`; return it as it is then, or None."""
    with transaction.atomic():
        job = jobs.turn(pk, **fields)
        if job:
            _show(job)
    return job


def tick(jobs: JobQuerySet, pk: int, **fields: Any) -> Job | None:
    """Like `turn`, for a change on the way, which the next one makes good if it is lost."""
    job = jobs.turn(pk, **fields)
    if job:
        push(job.user, "notifications/push/job_progress.html", {"job": job})
    return job


def queue(job: Job) -> None:
    """Have a worker run the task of a job, after commit; what the queue does not take is queued again later."""
    task = signature(job.task)
    transaction.on_commit(lambda: enqueue(task, job.pk, *job.arguments), robust=True)


def cancel(jobs: JobQuerySet, pk: int) -> Job | None:
    """End a job that waits, or ask the one that runs it to stop."""
    now = timezone.now()
    ended = turn(jobs.waiting(), pk, state=State.CANCELLED, cancel_asked_at=now, ended_at=now, seen_at=now)
    return ended or turn(jobs.running().filter(cancel_asked_at=None), pk, cancel_asked_at=now)


def retry(jobs: JobQuerySet, pk: int) -> Job | None:
    """Queue a job that did not succeed once more, as if it had never run; TooMany if the task's limit is reached."""
    fresh = {field.name: field.get_default() for field in Job._meta.fields if field.name in RESET}
    with transaction.atomic():
        if found := jobs.repeatable().filter(pk=pk).first():
            # Before the turn, as in `start`: the person is locked before their inbox.
            _ask_for_room(found)
        job = turn(jobs.repeatable(), pk, **fresh | {"alive_at": timezone.now()})
        if job:
            queue(job)
    return job


def dismiss(jobs: JobQuerySet, pk: int) -> Job | None:
    """Take a job that has ended off the pages of its owner."""
    now = timezone.now()
    return _turn_and_show_all(jobs.ended(), pk, seen_at=now, dismissed_at=now)


def withdraw(jobs: JobQuerySet, pk: int, reason: str) -> Job | None:
    """Take back the result of a job, which is there no more, and say why in its place."""
    return _turn_and_show_all(jobs.exclude(result_url=""), pk, result_url="", result_label=reason)


def see(jobs: JobQuerySet, pk: int) -> None:
    """Note that the end of a job was on its owner's screen."""
    jobs.ended().filter(pk=pk, seen_at=None).update(seen_at=timezone.now())


class Panel:
    """What people see of their jobs on whatever page they have open."""

    def groups(self, user_pks: Collection[int]) -> dict[int, set[str]]:
        """Name no group: all of it comes by the person's own."""
        return {}

    def snapshot(self, user_pk: int) -> str:
        """Render the jobs that are under way or have just ended."""
        return render_to_string("notifications/push/jobs.html", {"jobs": Job.objects.filter(user=user_pk).on_pages()})


_limits: dict[str, tuple[int, str]] = {}

RESET = {
    *("state", "done", "total", "log", "error", "result_url", "result_label"),
    *("started_at", "ended_at", "cancel_asked_at", "seen_at", "told_at", "dismissed_at"),
}


def _ask_for_room(job: Job) -> None:
    if job.task in _limits:
        at_once, refusal = _limits[job.task]
        # Behind this lock, so that whoever asks at the same moment is counted.
        User.objects.select_for_update(no_key=True).get(pk=job.user_id)
        others = Job.objects.unfinished().filter(user=job.user_id, task=job.task).exclude(pk=job.pk)
        if others.count() >= at_once:
            raise TooMany(refusal)


def _turn_and_show_all(jobs: JobQuerySet, pk: int, **fields: Any) -> Job | None:
    # The card of a job that is on no page any more must not come back, so all that are shown are drawn afresh.
    with transaction.atomic():
        job = jobs.turn(pk, **fields)
        if job:
            # The place first: it locks the inbox, so that nothing starts between the reading and this.
            seq = Inbox.objects.of(job.user).take_seq()
            push_html(job.user, "jobs", Panel().snapshot(job.user_id), seq)
    return job


def _show(job: Job) -> None:
    push(job.user, CARD, {"job": job}, Inbox.objects.of(job.user).take_seq())
