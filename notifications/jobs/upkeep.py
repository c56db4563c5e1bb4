"""What is done for background tasks now and then: workers die, queues forget, people look elsewhere."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from notifications.inbox.notify import notify
from notifications.jobs.lifecycle import KIND
from notifications.jobs.models import Job, JobQuerySet
from notifications.live.verbs import dom_id
from notifications.prose.text import one_line
from notifications.queue import for_each

TELL_AFTER = timedelta(seconds=10)
"""How long an end may wait to be seen on a page before it goes to the inbox."""
QUEUE_AFTER = timedelta(seconds=60)
"""How long a job may wait before it is queued once more."""
KEPT_FOR = timedelta(days=30)
"""How long a job is kept after its end."""
BATCH = 1000
"""How many are looked at in one go."""
LOST = "The worker that ran this has stopped."


def end_lost(finished: QuerySet[Any, Any]) -> None:
    """End the jobs whose process has stopped without a word.

    `finished` are the primary keys of those whose work is done: another worker has only to say so.
    """
    for_each(Job.objects.lost()[:BATCH], lambda job: _end_lost(finished, job))


def tell_of_ended() -> None:
    """Put the ends that nobody has seen into their owners' inboxes, once however often this runs."""
    untold = Job.objects.untold().filter(ended_at__lt=timezone.now() - TELL_AFTER).select_related("user")
    for_each(untold.order_by("ended_at")[:BATCH], _tell)


def queue_forgotten() -> None:
    """Queue the jobs again that no worker has taken: the queue was down, or has lost them."""
    forgotten = Job.objects.waiting().exclude(task="").filter(alive_at__lt=timezone.now() - QUEUE_AFTER)
    for job in forgotten[:BATCH]:
        if forgotten.filter(pk=job.pk).update(alive_at=timezone.now()):
            job.enqueue()


def delete_old(besides: QuerySet[Any, Any]) -> None:
    """Delete the jobs that ended long ago, besides those of these primary keys, which are still in use."""
    old = Job.objects.ended().filter(ended_at__lt=timezone.now() - KEPT_FOR).exclude(pk__in=besides).order_by("pk")
    while _delete_some(old):
        pass


def fail_unbegun(sender: Any, args: Sequence[Any], exception: BaseException, **kwargs: Any) -> None:
    """End the job whose task has failed before the block that reports: it would wait, and be queued, for ever."""
    if args and isinstance(args[0], int):
        waiting = Job.objects.waiting().filter(task=sender.name)
        error = one_line(f"{type(exception).__name__}: {exception}", 300)
        waiting.change(args[0], state=Job.State.FAILED, error=error, ended_at=timezone.now())


def _delete_some(old: JobQuerySet) -> bool:
    with transaction.atomic():
        # Locked, so that one that is retried at this moment stays.
        pks = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        Job.objects.filter(pk__in=pks).delete()
    return bool(pks)


def _end_lost(finished: QuerySet[Any, Any], job: Job) -> None:
    # By conditions, not by the job as it was read: it may have been cancelled since.
    wanted, unwanted = Job.objects.lost().filter(cancel_asked_at=None), Job.objects.lost().exclude(cancel_asked_at=None)
    now = timezone.now()
    if Job.objects.filter(pk=job.pk).filter(pk__in=finished).exists():
        if waiting := wanted.change(job.pk, state=Job.State.WAITING, alive_at=now):
            waiting.enqueue()
    else:
        wanted.change(job.pk, state=Job.State.FAILED, error=LOST, ended_at=now)
    unwanted.change(job.pk, state=Job.State.CANCELLED, ended_at=now)


def _tell(job: Job) -> None:
    text = f"{job.title}: {job.error or job.get_state_display().lower()}"
    url = f"{reverse('notifications:jobs')}#{dom_id(job)}"
    # Of one version there is one end; whoever comes second, or again after a crash, tells nothing new.
    key = f"{job.subject}.{job.version}"
    notify(job.user, text, url, kind=KIND, subject=job.subject, key=key)
    Job.objects.untold().filter(pk=job.pk, version=job.version).update(told_at=timezone.now())
