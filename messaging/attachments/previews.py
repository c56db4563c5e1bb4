"""Small copies of pictures: made by a worker, and then shown in whatever message has the picture by then."""

import io
import logging
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F

from messaging.attachments import kinds, pictures, storage
from messaging.attachments.models import MOST_TRIES, Attachment, shown
from messaging.attachments.part import NAME
from messaging.messages.models import Message

logger = logging.getLogger(__name__)


def make(attachment: Attachment) -> None:
    """Make the copies of a picture, unless they are there; one that cannot be shown becomes a file like any other."""
    waiting = Attachment.objects.without_previews().filter(pk=attachment.pk)
    # Counted before it is tried: one that kills its worker is not to do so for ever.
    if waiting.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        state = _made(attachment)
    else:
        state = Attachment.Previews.FAILED
    if waiting.update(previews=state):
        show(attachment)
    elif not Attachment.objects.filter(pk=attachment.pk, chat__isnull=False).exists():
        # It was deleted meanwhile, and what was made of it has come too late for that.
        storage.delete(attachment.key)


def show(attachment: Attachment) -> None:
    """Have its message show what is kept of its files now, if it stands in one."""
    for message in Message.objects.select_related("chat").filter(attachments=attachment.pk, deleted_at=None):
        # Read behind the chat's lock: two pictures of one message may be done at once.
        with suppress(Message.DoesNotExist):  # It is being deleted.
            message.change_part(NAME, partial(_as_now, message.pk))


def _as_now(message_pk: int, before: Any) -> Any:
    return shown(Attachment.objects.filter(message=message_pk).in_order()) or None


def _made(attachment: Attachment) -> str:
    sizes = {storage.THUMBNAIL: pictures.THUMBNAIL}
    if attachment.content_type == kinds.HEIC:
        sizes[storage.LARGE] = pictures.LARGE
    try:
        with storage.opened(attachment.key, storage.ORIGINAL) as file:
            copies = {what: pictures.copy(file, size, settings.ATTACHMENT_PIXELS) for what, size in sizes.items()}
    except pictures.UNREADABLE as error:
        logger.info("%s cannot be shown: %s", attachment, ascii(error))
        return Attachment.Previews.FAILED
    for what, data in copies.items():
        storage.put(attachment.key, what, io.BytesIO(data))
    return Attachment.Previews.MADE
