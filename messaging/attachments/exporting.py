"""The files of an exported chat: what they are called in the archive, and how they come into it."""

import zipfile
from typing import Any

from django.utils import timezone

from messaging.attachments import kinds, storage
from messaging.attachments.models import Attachment
from messaging.attachments.part import NAME
from messaging.chats.models.chat import Chat
from messaging.messages.models import Message

UNSAFE = '/\\:*?"<>|'
"""What some file system does not take in a name."""
EARLIEST = 1980
"""What an archive can say of years begins here."""


def files(message: Message) -> list[dict[str, Any]]:
    """Return what messages.json says of a message's files."""
    kept = message.parts.get(NAME, ())
    return [
        {
            "path": _path(message.number, place, file["name"]),
            "name": file["name"],
            "kind": file["kind"],
            "size": file["size"],
            "description": file["alt"],
        }
        for place, file in enumerate(kept)
    ]


def write(archive: zipfile.ZipFile, chat: Chat) -> None:
    """Put the files of a chat's messages into an archive; what is deleted meanwhile is left out."""
    said = Attachment.objects.filter(chat=chat, message__number__lte=chat.last_number).select_related("message")
    for key in list(said.order_by("message__number", "place").values_list("pk", flat=True)):
        for file in said.filter(pk=key):
            _put(archive, file)


def _path(number: int, place: int, name: str) -> str:
    safe = "".join("_" if letter in UNSAFE else letter for letter in name)
    return f"files/{number}-{place + 1} {safe}"


def _put(archive: zipfile.ZipFile, file: Attachment) -> None:
    sent = timezone.localtime(file.created_at)
    number = file.message.number if file.message else 0
    entry = zipfile.ZipInfo(_path(number, file.place, file.name), (max(sent.year, EARLIEST), *sent.timetuple()[1:6]))
    # Pictures, films and sounds are packed as they are.
    entry.compress_type = zipfile.ZIP_STORED if file.kind != kinds.FILE else zipfile.ZIP_DEFLATED
    try:
        size = storage.size(file.key, storage.ORIGINAL)
    except FileNotFoundError:
        return
    with archive.open(entry, "w", force_zip64=True) as target:
        for data in storage.chunks(file.key, storage.ORIGINAL, 0, size):
            target.write(data)
