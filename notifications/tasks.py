"""Background work of the push service."""

from celery import shared_task
from django.core.management import call_command

from notifications import sweeps
from notifications.announcements import reminding as acknowledgements
from notifications.announcements import sending as announcements
from notifications.jobs import upkeep as job_upkeep
from notifications.live.door import push_html
from notifications.models import Heartbeat, Inbox
from notifications.queue import enqueue

BEAT = "celery-beat"
"""The name under which beat's being at work is noted."""


@shared_task
def clear_expired_sessions() -> None:
    """Delete the rows of sessions that have run out."""
    call_command("clearsessions")


@shared_task
def note_beat() -> None:
    """Note that beat hands out tasks and a worker runs them."""
    Heartbeat.objects.note(BEAT)


@shared_task
def answer_doctor(group: str) -> None:
    """Push to a group that `manage.py push_doctor` watches."""
    push_html(group, "doctor", "")


@shared_task
def wake_snoozed() -> None:
    """Put what was snoozed until now back into its inbox."""
    sweeps.each(Inbox.objects.with_due(), Inbox.wake)


@shared_task
def end_lost_jobs() -> None:
    """End the background tasks whose worker has stopped without a word."""
    job_upkeep.end_lost()


@shared_task
def tell_of_ended_jobs() -> None:
    """Put the ends of background tasks that nobody has seen into their owners' inboxes."""
    job_upkeep.tell_of_ended()


@shared_task
def queue_forgotten_jobs() -> None:
    """Queue the background tasks again that no worker has taken."""
    job_upkeep.queue_forgotten()


@shared_task
def delete_old_jobs() -> None:
    """Delete the background tasks that ended long ago."""
    job_upkeep.delete_old()


@shared_task
def send_due() -> None:
    """Begin to send what is due to be announced, and go on with what a worker has left in the middle."""
    # Last, what is due: of what was cancelled nothing more begins.
    announcements.go_on_with_stalled()
    announcements.begin_due()


@shared_task
def deliver(job_pk: int, delivery_pk: int) -> None:
    """Send an announcement to everybody who has not been sent it yet."""
    announcements.deliver(job_pk, delivery_pk)


@shared_task
def remind() -> None:
    """Remind people of what they have not acknowledged; where they are many, another task goes on."""
    if acknowledgements.remind():
        enqueue(remind)
