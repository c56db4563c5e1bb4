"""Facts that are waited for, and what a scenario watches meanwhile."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, Self

from tests.faults.ledger import Verdict
from tests.faults.registry import Size
from tests.faults.site import Site

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


async def within(fact: Callable[[], object], seconds: float) -> bool:
    """Wait until `fact()` is true, and return whether it became so in time."""
    limit = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > limit:
            return False
        await asyncio.sleep(0.02)
    return True


@contextlib.asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something that has no end for as long as the `with` block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def memory_of(pid: int) -> float:
    """Return the resident memory of a process in megabytes (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_SIZE / 1e6


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open (Linux)."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def connections(pid: int) -> int:
    """Return how many of a process's descriptors are sockets (Linux)."""
    count = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(each).startswith("socket:")
    return count


class Memory:
    """Watches a site's web server for as long as the `with` block lasts; `grown` says by how many megabytes."""

    def __init__(self, site: Site) -> None:
        (self.pid,) = site.web_servers()
        self.grown = 0.0

    async def __aenter__(self) -> Self:
        self.before = memory_of(self.pid)
        self.watching = beside(self._watch())
        await self.watching.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.watching.__aexit__(*error)

    async def _watch(self) -> None:
        while True:
            self.grown = max(self.grown, memory_of(self.pid) - self.before)
            await asyncio.sleep(0.05)


def expect_good_service(verdict: Verdict, size: Size) -> None:
    """Expect that 99 % of what those who behave have written was answered and shown in time."""
    answered, shown = verdict.post_p99, verdict.delay_p99
    verdict.expect(answered <= size.served_within, f"99 % of the forms were answered within {answered:.2f} s")
    verdict.expect(shown <= size.served_within, f"99 % of the messages were shown within {shown:.2f} s of that")
    verdict.notes |= {"answered_p99_s": round(answered, 2), "shown_p99_s": round(shown, 2)}
