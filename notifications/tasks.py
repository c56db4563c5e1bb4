"""Background work of the push service."""

from celery import shared_task
from django.core.management import call_command

from notifications.announcements import reminding, sending
from notifications.doctor.models import BEAT
from notifications.jobs import upkeep
from notifications.live.door import push_html
from notifications.models import Delivery, Heartbeat, Inbox
from notifications.queue import enqueue, for_each
from notifications.webhooks import sending as webhooks
from notifications.webhooks import upkeep as webhook_log


@shared_task
def clear_expired_sessions() -> None:
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
    for_each(Inbox.objects.with_due(), Inbox.wake)


@shared_task
def end_lost_jobs() -> None:
    """End the background tasks whose worker has stopped without a word."""
    upkeep.end_lost(finished=Delivery.objects.filter(ended_at__isnull=False).values("job"))


@shared_task
def tell_of_ended_jobs() -> None:
    """Put the ends of background tasks that nobody has seen into their owners' inboxes."""
    upkeep.tell_of_ended()


@shared_task
def queue_forgotten_jobs() -> None:
    """Queue the background tasks again that no worker has taken."""
    upkeep.queue_forgotten()


@shared_task
def delete_old_jobs() -> None:
    # An announcement may still go on by them.
    upkeep.delete_old(besides=Delivery.objects.open().exclude(job=None).values("job"))


@shared_task
def send_due() -> None:
    """Begin to send what is due to be announced, and go on with what a worker has left in the middle."""
    # Last, what is due: of what was cancelled nothing more begins.
    sending.go_on_with_stalled()
    sending.begin_due()


@shared_task
def deliver(job_pk: int, delivery_pk: int) -> None:
    """Send an announcement to everybody who has not been sent it yet."""
    sending.deliver(job_pk, delivery_pk)


@shared_task
def remind() -> None:
    """Remind people of what they have not acknowledged; where they are many, another task goes on."""
    if reminding.remind():
        enqueue(remind.name)


@shared_task
def send_webhooks() -> None:
    """Let this process send what is due to webhooks; the task does not wait for that."""
    webhooks.wake()


@shared_task
def delete_old_webhook_deliveries() -> None:
    if webhook_log.delete_old():
        enqueue(delete_old_webhook_deliveries.name)
