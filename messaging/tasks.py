"""Background work of the messenger. Each task may run twice: what it makes is keyed by what it is about."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from messaging.models import Message
from messaging.notices import notify_about

logger = logging.getLogger(__name__)

SWEEP_AFTER = timedelta(seconds=10)
SWEEP_BATCH = 1000


@shared_task
def notify_members(message_pk: int) -> None:
    """Notify those whom a message is meant for."""
    message = Message.objects.select_related("chat", "author").get(pk=message_pk)
    notify_about(message)


@shared_task
def sweep_unnotified() -> None:
    """Notify of the messages whose own task never ran: the queue was down, or a worker died."""
    missed = Message.objects.filter(notified_at=None, created_at__lt=timezone.now() - SWEEP_AFTER)
    for message in missed.select_related("chat", "author").order_by("pk")[:SWEEP_BATCH]:
        try:
            notify_about(message)
        except Exception:
            # One that cannot be told must not keep the others from being told.
            logger.exception("Nobody could be notified of message %s", message.pk)
