"""Takes a file: looks at what it is, takes out what a camera told of itself, and keeps it."""

import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from messaging.attachments import archives, boxes, kinds, metadata, pictures, storage
from messaging.attachments.kinds import Found
from messaging.attachments.models import LONGEST_NAME, MOST_WAITING, Attachment
from messaging.attachments.sniffing import sniff
from messaging.chats.models.chat import Chat
from notifications.push import enqueue_on_commit, limits

logger = logging.getLogger(__name__)

UNPACKED = 10
"""So many times as large as a file may be, may an archive become."""
SPACES = re.compile(r"\s+")
CONTROLS = {"Cc", "Cs"}
HIDDEN = {*CONTROLS, "Cf", "Co", "Cn"}
"""Of a name, which is not to look as if it ended otherwise than it does."""


def receive(chat: Chat, user: User, upload: UploadedFile) -> Attachment:
    """Keep a file that somebody has sent for a chat they may write in.

    ValidationError, which names the file, if it is not to be had: nothing of it is kept then.
    """
    limits.take("uploads", user.pk)
    attachment = keep(chat, user, upload)
    if attachment.previews:
        enqueue_on_commit("messaging.tasks.make_previews", str(attachment.key))
    # The next message may bring as many as it likes; those of forms that nobody sends any more do not pile up.
    surplus = Attachment.objects.waiting(user).order_by("-created_at").values("pk")[MOST_WAITING:]
    Attachment.objects.filter(pk__in=list(surplus.values_list("pk", flat=True))).give_up()
    return attachment


def keep(chat: Chat, user: User, upload: UploadedFile) -> Attachment:
    """Do so however often it is done, and leave its small copies to whoever asks for it."""
    name = clean_name(upload.name or "")
    try:
        _check_size(upload.size or 0)
        with _looked_at(upload, name) as (found, file):
            return _keep(chat, user, name, found, file)
    except ValidationError as error:
        raise ValidationError(f"{name}: {error.message}", code=error.code) from None


def clean_name(name: str) -> str:
    """Return what a file is called: one line of what can be seen, with its ending however long it is."""
    plain = one_line(name, HIDDEN).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(plain) > LONGEST_NAME:
        plain = f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return plain[:LONGEST_NAME] or "file"


def one_line(text: str, without: set[str] = CONTROLS) -> str:
    """Return a text as one line, without the characters of some categories."""
    text = SPACES.sub(" ", text)
    return "".join(letter for letter in text if unicodedata.category(letter) not in without).strip()


def _check_size(size: int) -> None:
    if not size:
        raise ValidationError("It is empty.", code="empty")
    if size > settings.ATTACHMENT_SIZE:
        most, has = filesizeformat(settings.ATTACHMENT_SIZE), filesizeformat(size)
        raise ValidationError(f"It has {has}; up to {most} can be sent.", code="large")


@contextmanager
def _looked_at(upload: UploadedFile, name: str) -> Iterator[tuple[Found, Any]]:
    """Yield what a file is, and what is to be kept of it."""
    content_type = sniff(upload)
    if what := kinds.lie(name, content_type):
        raise ValidationError(f"By its name it is something else, but it is {what}.", code="lie")
    if archives.is_bomb(upload, content_type, UNPACKED * settings.ATTACHMENT_SIZE):
        raise ValidationError("Unpacked, it would be far too large.", code="bomb")
    found: Found | None = Found(content_type)
    if kinds.SHOWN.get(content_type) == kinds.PICTURE:
        found = pictures.measure(upload, content_type, settings.ATTACHMENT_PIXELS)
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as target:
        # What has not the structure of a picture or a film is a file like any other: one can save it.
        is_stripped = _is_stripped(upload, target, found or Found(content_type))
        kept: Any = target if is_stripped else upload
        kept.seek(0)
        yield found or Found(kinds.UNKNOWN), kept


def _is_stripped(source: Any, target: IO[bytes], found: Found) -> bool:
    try:
        return metadata.strip(source, target, found)
    except (metadata.Unreadable, boxes.Broken):
        return False


def _keep(chat: Chat, user: User, name: str, found: Found, file: Any) -> Attachment:
    is_picture = found.kind == kinds.PICTURE
    previews = Attachment.Previews.WAITING if is_picture else Attachment.Previews.NONE
    size = file.seek(0, 2)
    file.seek(0)
    # The row before the file: what has no row would lie there for ever.
    attachment = Attachment.objects.create(
        chat=chat,
        owner=user,
        name=name,
        content_type=found.content_type,
        kind=found.kind,
        size=size,
        width=found.width,
        height=found.height,
        is_animated=found.is_animated,
        previews=previews,
    )
    try:
        storage.put(attachment.key, storage.ORIGINAL, file)
    except Exception as error:  # each storage has its own
        logger.exception("A file could not be stored")
        Attachment.objects.filter(pk=attachment.pk).give_up()
        raise ValidationError("It could not be stored. Try again in a moment.", code="storage") from error
    return attachment
