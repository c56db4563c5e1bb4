"""Bodies that are larger than others: by address, and from those alone who may write in the chat of that address."""

import asyncio
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

FASTEST = 64 * 2**20
"""Bytes a second that are read of all large bodies of a process together: what comes faster holds up everybody else."""

_threads = ThreadPoolExecutor(4, thread_name_prefix="upload")


def largest_body(method: str, path: str) -> int:
    """Return how many bytes the body of a request may have from those who may send it: 0 where nobody may send more."""
    is_upload = method == "POST" and ADDRESS.fullmatch(path)
    # Beside the files stands what is written with them, as much as elsewhere.
    return settings.ATTACHMENT_SIZE + inbound.BODY_BYTES if is_upload else 0


def seconds(size: int) -> float:
    """Return how long a body of this size may take."""
    return inbound.BODY_SECONDS + size / SLOWEST


class Pace:
    """Has those who call `keep` take turns, so that so many bytes a second are read by all of them."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.free_at = 0.0

    async def keep(self, size: int) -> None:
        """Wait until so many bytes more may have been read."""
        now = asyncio.get_running_loop().time()
        begins_at = max(now, self.free_at)
        self.free_at = begins_at + size / self.rate
        if begins_at > now:
            await asyncio.sleep(begins_at - now)


pace = Pace(FASTEST)


async def may_send(path: str, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether whoever has sent the head of this request may send so much."""
    # Only now: Django is set up when the first request comes.
    rights = import_module("messaging.attachments.rights")
    return await database_sync_to_async(rights.may_send, thread_sensitive=False, executor=_threads)(path, headers)
