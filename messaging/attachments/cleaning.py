"""Deletes what nobody has any more, and makes what a worker did not get to."""

from datetime import timedelta

from django.utils import timezone

from messaging.attachments import previews, storage
from messaging.attachments.models import Attachment
from notifications.push import for_each

BATCH = 1000
SOON = timedelta(minutes=1)
"""So long the task of a picture is waited for."""


def delete_left() -> None:
    """Delete the files of what was deleted, and of what stood in no message for too long; then their rows."""
    for_each(Attachment.objects.left()[:BATCH], _delete)


def make_missing_previews() -> None:
    """Make the copies of pictures whose own task never ran: the queue was down, or a worker died."""
    missed = Attachment.objects.without_previews().filter(created_at__lt=timezone.now() - SOON)
    for_each(missed.order_by("created_at")[:BATCH], previews.make)


def _delete(attachment: Attachment) -> None:
    # The row goes last: what a storage does not delete now is found again.
    storage.delete(attachment.key)
    attachment.delete()
