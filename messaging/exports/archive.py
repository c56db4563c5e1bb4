"""What an exported chat consists of: messages.json, which docs/user.md describes, and index.html, a page to read.

However long the chat is, only a few hundred messages of it are in memory at a time.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import IO, Any, NamedTuple

from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone

from messaging.accounts.models.time_zone import zone_of
from messaging.accounts.people import shown_name
from messaging.attachments import exporting, part
from messaging.chats.models.chat import Chat
from messaging.messages import parts, sender
from messaging.messages.models import Message
from notifications.push import Progress

CHUNK = 200
PLACE = b"<!-- messages -->"
"""Where they come in the page's template."""


class Entry(NamedTuple):
    """A message in its place on the page."""

    message: Message
    is_new_day: bool
    is_continued: bool
    beside: list[str]
    files: list[dict[str, Any]]


def write(file: IO[bytes], chat: Chat, user: User, progress: Progress) -> None:
    """Write the archive of a chat for one of its people."""
    progress.total = chat.messages.filter(number__lte=chat.last_number).count()
    progress.total += Message.objects.filter(chat__parent=chat).count()
    zone = zone_of(user)
    context = {"chat": chat, "title": chat.title_for(user), "user": user, "now": timezone.now(), "progress": progress}
    context["zone"] = zone
    # An archive takes one file after the other, so the page waits beside it while both are written in one go.
    with (
        timezone.override(zone),
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        tempfile.TemporaryFile() as page,
    ):
        with archive.open("messages.json", "w", force_zip64=True) as data:
            _write_both(data, page, context, progress)
        page.seek(0)
        with archive.open("index.html", "w", force_zip64=True) as target:
            shutil.copyfileobj(page, target)
        exporting.write(archive, chat)


def _write_both(data: IO[bytes], page: IO[bytes], context: dict[str, Any], progress: Progress) -> None:
    about = json.dumps(_about(**context), ensure_ascii=False).removesuffix("}")
    data.write(f'{about}, "messages": ['.encode())
    head, foot = _html("page", context).split(PLACE)
    page.write(head)
    _write_messages(data, page, context["chat"], progress)
    data.write(b'\n], "threads": [')
    separator = "\n"
    for thread in _threads(context["chat"]):
        data.write(f'{separator}{{"root": {thread.root_id}, "messages": ['.encode())
        separator = ",\n"
        page.write(_html("thread", {"thread": thread}))
        _write_messages(data, page, thread, progress, f"thread-{thread.pk}-")
        data.write(b"\n]}")
    data.write(b"\n]}\n")
    page.write(foot)


def _write_messages(data: IO[bytes], page: IO[bytes], chat: Chat, progress: Progress, prefix: str = "") -> None:
    separator, last = "\n", None
    for messages in _chunks(chat):
        for message in messages:
            data.write(f"{separator}{json.dumps(_fields(message), ensure_ascii=False)}".encode())
            separator = ",\n"
        page.write(_html("messages", {"entries": _entries(messages, last), "prefix": prefix}))
        last = messages[-1]
        progress.advance(len(messages))


def _threads(chat: Chat) -> Iterator[Chat]:
    for pk in list(chat.threads.filter(last_number__gt=0).order_by("root__number").values_list("pk", flat=True)):
        yield from Chat.objects.filter(pk=pk).select_related("root__author__called")


def _chunks(chat: Chat) -> Iterator[list[Message]]:
    # Each chunk is a query of its own: one that stays open would hold up what is written meanwhile on SQLite.
    number = 0
    messages = (
        chat.messages.turning().select_related("author__called").filter(number__lte=chat.last_number).order_by("number")
    )
    while chunk := list(messages.filter(number__gt=number)[:CHUNK]):
        yield chunk
        number = chunk[-1].number


def _entries(messages: Iterable[Message], last: Message | None) -> Iterator[Entry]:
    for message in messages:
        is_new_day = last is None or _day(last) != _day(message)
        yield Entry(
            message,
            is_new_day,
            message.is_continued and not is_new_day and sender.NAME not in message.parts,
            _beside(message),
            _files(message),
        )
        last = message


def _day(message: Message) -> date:
    return timezone.localdate(message.created_at)


def _about(chat: Chat, title: str, user: User, now: datetime, **_: object) -> dict[str, Any]:
    return {
        "format": 1,
        "chat": {"id": chat.pk, "kind": chat.kind, "title": title},
        "exported_at": now.isoformat(),
        "exported_by": user.username,
    }


def _fields(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "number": message.number,
        "author": message.author.username,
        "author_name": shown_name(message.author),
        "created_at": message.created_at.isoformat(),
        "edited_at": message.edited_at and message.edited_at.isoformat(),
        "deleted_at": message.deleted_at and message.deleted_at.isoformat(),
        "body": message.body,
        "beside": _beside(message),
        "files": _files(message),
    }


def _beside(message: Message) -> list[str]:
    """Return in words what is in a message beside its text and its files, which are listed by themselves."""
    return parts.lines({name: value for name, value in message.parts.items() if name != part.NAME})


def _files(message: Message) -> list[dict[str, Any]]:
    return [] if message.deleted_at else exporting.files(message)


def _html(part: str, context: dict[str, Any]) -> bytes:
    return render_to_string(f"messaging/exports/{part}.html", context).encode()
