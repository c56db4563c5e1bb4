"""What is done for background tasks now and then: workers die, queues forget, people look elsewhere."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from notifications import sweeps
from notifications.inbox.notify import notify
from notifications.jobs import lifecycle as jobs
from notifications.jobs.models import JobQuerySet
from notifications.models import Delivery, Job, Notification
from notifications.text import line as one_line

TELL_AFTER = timedelta(seconds=10)
"""How long an end may wait to be seen on a page before it goes to the inbox."""
QUEUE_AFTER = timedelta(seconds=60)
"""How long a job may wait before it is queued once more."""
KEPT_FOR = timedelta(days=30)
"""How long a job is kept after its end."""
BATCH = 1000
"""How many are looked at in one go."""
LOST = "The worker that ran this has stopped."


def end_lost() -> None:
    """End the jobs whose process has stopped without a word."""
    sweeps.each(Job.objects.lost()[:BATCH], _end_lost)


def tell_of_ended() -> None:
    """Put the ends that nobody has seen into their owners' inboxes, once however often this runs."""
    untold = Job.objects.untold().filter(ended_at__lt=timezone.now() - TELL_AFTER).select_related("user")
    sweeps.each(untold.order_by("ended_at")[:BATCH], _tell)


def queue_forgotten() -> None:
    """Queue the jobs again that no worker has taken: the queue was down, or has lost them."""
    forgotten = Job.objects.waiting().exclude(task="").filter(alive_at__lt=timezone.now() - QUEUE_AFTER)
    for job in forgotten[:BATCH]:
        if forgotten.filter(pk=job.pk).update(alive_at=timezone.now()):
            jobs.queue(job)


def delete_old() -> None:
    """Delete the jobs that ended long ago, except those by which an announcement may still go on."""
    in_use = Exists(Delivery.objects.open().filter(job=OuterRef("pk")))
    old = Job.objects.ended().filter(~in_use, ended_at__lt=timezone.now() - KEPT_FOR).order_by("pk")
    while _delete_some(old):
        pass


def fail_unbegun(sender: Any, args: Sequence[Any], exception: BaseException, **kwargs: Any) -> None:
    """End the job whose task has failed before the block that reports: it would wait, and be queued, for ever."""
    if args and isinstance(args[0], int):
        waiting = Job.objects.waiting().filter(task=sender.name)
        error = one_line(f"{type(exception).__name__}: {exception}", 300)
        jobs.turn(waiting, args[0], state=Job.State.FAILED, error=error, ended_at=timezone.now())


def _delete_some(old: JobQuerySet) -> bool:
    with transaction.atomic():
        # Locked, so that one that is retried at this moment stays.
        pks = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        Job.objects.filter(pk__in=pks).delete()
    return bool(pks)


def _end_lost(job: Job) -> None:
    # By conditions, not by the job as it was read: it may have been cancelled since.
    wanted, unwanted = Job.objects.lost().filter(cancel_asked_at=None), Job.objects.lost().exclude(cancel_asked_at=None)
    now = timezone.now()
    if Delivery.objects.filter(job=job, ended_at__isnull=False).exists():
        # Everybody has the announcement already: another worker has only to say so.
        if waiting := jobs.turn(wanted, job.pk, state=Job.State.WAITING, alive_at=now):
            jobs.queue(waiting)
    else:
        jobs.turn(wanted, job.pk, state=Job.State.FAILED, error=LOST, ended_at=now)
    jobs.turn(unwanted, job.pk, state=Job.State.CANCELLED, ended_at=now)


def _tell(job: Job) -> None:
    text = f"{job.title}: {job.error or job.get_state_display().lower()}"
    url = f"{reverse('jobs')}#{job.element_id}"
    # Of one version there is one end; whoever comes second, or again after a crash, tells nothing new.
    key = f"{job.subject}.{job.version}"
    notify(job.user, text, url, kind=Notification.Kind.JOB, subject=job.subject, key=key)
    Job.objects.untold().filter(pk=job.pk, version=job.version).update(told_at=timezone.now())
