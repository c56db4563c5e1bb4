"""Bodies that are larger than others: by address, and from those alone who may write in the chat of that address."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings

from project.serve import inbound

ADDRESS = re.compile(r".*/(?:chats/\d{1,18}/(?:files|messages)/|api/v1/chats/\d{1,18}/files)")
SLOWEST = 32 * 1024
"""Bytes a second: what comes slower than that does not come."""

_threads = ThreadPoolExecutor(4, thread_name_prefix="upload")


def largest_body(method: str, path: str) -> int:
    """Return how many bytes the body of a request may have from those who may send it: 0 where nobody may send more."""
    is_upload = method == "POST" and ADDRESS.fullmatch(path)
    # Beside the files stands what is written with them, as much as elsewhere.
    return settings.ATTACHMENT_SIZE + inbound.BODY_BYTES if is_upload else 0


def seconds(size: int) -> float:
    """Return how long a body of this size may take."""
    return inbound.BODY_SECONDS + size / SLOWEST


async def may_send(path: str, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether whoever has sent the head of this request may send so much."""
    # Only now: Django is set up when the first request comes.
    rights = import_module("messaging.attachments.rights")
    return await database_sync_to_async(rights.may_send, thread_sensitive=False, executor=_threads)(path, headers)
