"""Exports of chats: who may have one, where the files are, and for how long.

They lie below the state directory and have no public address: whoever fetches one is asked for their rights each time.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from messaging.chats.models.chat import Chat, ChatQuerySet
from messaging.exports import archive
from notifications.push import Progress, jobs

TASK = "messaging.tasks.export_chat"
KEPT_FOR = timedelta(days=7)
UNSAFE = '/\\:*?"<>|'
"""What some file system does not take in a name."""

jobs.limit(TASK, 2, "Two exports are under way. Wait until one is done.")


def exportable_by(user: User) -> ChatQuerySet:
    """Return the chats that a person may take away: rooms they own, and direct chats they are in."""
    chats = Chat.objects.filter(Q(kind=Chat.Kind.DIRECT) | Q(pk__in=Chat.objects.with_member(user, is_owner=True)))
    return chats.with_member(user, user__is_active=True)


def start(user: User, chat: Chat) -> jobs.Job:
    """Have a chat exported for a person; one that is under way already is not begun again.

    `jobs.TooMany` if two others are.
    """
    with transaction.atomic():
        # Behind this lock, so that pressing twice makes one.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        begun = user.jobs.unfinished().filter(task=TASK, arguments=[chat.pk]).first()
        return begun or jobs.start(user, f"Export of {chat.title_for(user)}", TASK, chat.pk)


def write(job_pk: int, chat_pk: int, progress: Progress) -> None:
    """Write the file of a job; PermissionError if its owner may not have the chat (any more)."""
    user, path = User.objects.get(jobs=job_pk), path_of(job_pk)
    chat = _exportable(user, chat_pk)
    with _whole_or_none(path) as file:
        archive.write(file, chat, user, progress)
        progress.result(reverse("export", args=[job_pk]), "Download")
    try:
        # Asked once it lies there: whoever deletes the chat later than this finds the file.
        _exportable(user, chat_pk)
    except PermissionError:
        path.unlink(missing_ok=True)
        raise


def path_of(job_pk: int) -> Path:
    """Return where the file of a job is kept."""
    return folder() / f"{job_pk}.zip"


def folder() -> Path:
    """Return the directory of the files, made on first use."""
    path = Path(storages["private"].path("exports"))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def file_name(title: str) -> str:
    """Return what the file of a chat of this title is called on whatever machine it is saved."""
    safe = "".join(letter if letter.isprintable() and letter not in UNSAFE else "_" for letter in title)
    return f"{safe[:80].strip(' .') or 'Chat'} {timezone.now():%Y-%m-%d}.zip"


def delete_earlier(job_pk: int) -> None:
    """Delete the earlier exports of the same chat for the same person, if this job has made a new one."""
    new = jobs.Job.objects.filter(pk=job_pk, state=jobs.Job.State.SUCCEEDED).first()
    if new:
        same = jobs.Job.objects.filter(user=new.user_id, task=TASK, arguments=new.arguments).exclude(result_url="")
        _delete(same.filter(ended_at__lt=new.ended_at), "A newer export has replaced this one.")


def delete_of(chat: Chat) -> None:
    """Delete all exports of a chat that is being deleted, as soon as that is committed."""
    # One that is just being written has no result yet, but may have its file.
    found = jobs.Job.objects.filter(task=TASK, arguments=[chat.pk])
    transaction.on_commit(lambda: _delete(found, "The chat was deleted."), robust=True)


def delete_old() -> None:
    """Delete the files whose time is over, and what killed workers have left of theirs."""
    before = timezone.now() - KEPT_FOR
    old = jobs.Job.objects.filter(task=TASK, ended_at__lt=before).exclude(result_url="")
    _delete(old, f"The file was deleted after {KEPT_FOR.days} days.")
    for path in folder().iterdir():
        # A worker may give one its name, or take it away, at this moment.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()


def _exportable(user: User, chat_pk: int) -> Chat:
    chat = exportable_by(user).filter(pk=chat_pk).first()
    if chat is None:
        raise PermissionError("Only its owner can export a chat.")
    return chat


def _delete(found: jobs.JobQuerySet, reason: str) -> None:
    for job in found:
        path_of(job.pk).unlink(missing_ok=True)
        found.withdraw(job.pk, reason)


@contextmanager
def _whole_or_none(path: Path) -> Iterator[IO[bytes]]:
    handle, part = tempfile.mkstemp(suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(part, path)
    finally:
        Path(part).unlink(missing_ok=True)
