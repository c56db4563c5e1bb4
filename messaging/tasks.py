"""Background work of the messenger. Each task may run twice: what it makes is keyed by what it is about."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from messaging.accounts import mail
from messaging.attachments import cleaning, previews
from messaging.exports import files as exports
from messaging.later import doing
from messaging.messages.recipients import notify_about
from messaging.models import Attachment, Message
from messaging.presence import broadcasts, pages
from messaging.search import index
from notifications.push import for_each, progress_of

SWEEP_AFTER = timedelta(seconds=10)
SWEEP_BATCH = 1000


@shared_task
def notify_members(message_pk: int) -> None:
    """Notify those whom a message is meant for."""
    message = Message.objects.select_related("chat", "author__called").get(pk=message_pk)
    notify_about(message)


@shared_task
def sweep_unnotified() -> None:
    """Notify of the messages whose own task never ran: the queue was down, or a worker died."""
    missed = Message.objects.filter(notified_at=None, created_at__lt=timezone.now() - SWEEP_AFTER)
    for_each(missed.select_related("chat", "author__called").order_by("pk")[:SWEEP_BATCH], notify_about)


@shared_task(autoretry_for=(OSError,), retry_backoff=10, retry_backoff_max=300, max_retries=8)
def send_mail(packed: dict[str, Any]) -> None:
    """Send a mail, and for some twenty minutes try again while the mail server takes none."""
    mail.send(packed)


@shared_task
def export_chat(job_pk: int, chat_pk: int) -> None:
    """Write the file that the people of a chat have asked for; it takes the place of what they had of that chat."""
    with progress_of(job_pk) as progress:
        exports.write(job_pk, chat_pk, progress)
    exports.delete_earlier(job_pk)


@shared_task
def delete_old_exports() -> None:
    exports.delete_old()


@shared_task
def make_previews(key: str) -> None:
    """Make the small copies of a picture."""
    for attachment in Attachment.objects.without_previews().filter(pk=key):
        previews.make(attachment)


@shared_task
def make_missing_previews() -> None:
    cleaning.make_missing_previews()


@shared_task
def delete_left_files() -> None:
    cleaning.delete_left()


@shared_task
def sweep_presence() -> None:
    """Tell of those whose pages have fallen silent."""
    pages.sweep(broadcasts.state_changed)


@shared_task
def do_later() -> None:
    """Send the messages and tell the reminders whose time has come."""
    doing.do_due()


@shared_task
def index_messages() -> None:
    """Have search find what was said before there was an index, or was indexed by other rules."""
    index.catch_up()
