"""Workers that die in the middle of their tasks: everybody is notified of everything, once."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from redis import Redis

from project.run import __main__ as run
from tests.faults.crowd import Crowd, Reader, until
from tests.faults.ledger import Attempt, Ledger, Verdict
from tests.faults.page import TOKEN, Page
from tests.faults.registry import fault
from tests.faults.site import Person, Site, Spec

QUEUE = "tested"
"""Emptied by workers of the test's own: the site gives up on one of its own that ends too often."""
AT_ONCE = 8
MENTIONS = 3
LISTED = 50
"""How many notifications a page lists."""


@dataclass(frozen=True)
class TasksSize:
    """How many messages, each of which calls for a task, how many workers die, and how soon all must be told then."""

    messages: int
    kills: int
    within: float


ORDINARY = TasksSize(messages=100, kills=3, within=20)
FULL = TasksSize(messages=1000, kills=10, within=60)
SWEPT = Spec(handicaps=("eager-sweeper",), settings=(("TASK_QUEUE", QUEUE),))
REDELIVERED = Spec(handicaps=("no-sweeper",), settings=(("TASK_QUEUE", QUEUE), ("VISIBILITY_TIMEOUT", "3")))


@fault("F11", ordinary=ORDINARY, full=FULL, spec=SWEPT)
async def workers_killed(site: Site, size: TasksSize, seed: int) -> Verdict:
    """Workers are SIGKILLed, one after the other, in their notification tasks; the sweeper finds what they left."""
    return await _kill_workers(site, size, seed)


@fault("F11", ordinary=ORDINARY, full=FULL, spec=REDELIVERED)
async def workers_killed_unswept(site: Site, size: TasksSize, seed: int) -> Verdict:
    """The same without a sweeper: the broker gives the dead ones' tasks to others, but for what it was handing over."""
    # What Redis has handed out and the worker has not yet noted as its own is with nobody: one task for each death.
    return await _kill_workers(site, size, seed, left_out=size.kills)


async def _kill_workers(site: Site, size: TasksSize, seed: int, left_out: int = 0) -> Verdict:
    chat, ledger = site.room(), Ledger(seed)
    authors, mentioned = site.members[:4], site.members[4:16]
    with Redis(unix_socket_path=str(site.redis.socket), db=1) as broker:
        async with Crowd(site, ledger) as crowd:
            # Nobody is told of what they have read, so those who are mentioned do not open the chat.
            await crowd.read(chat, AT_ONCE, authors)
            lists = [await _open_list(crowd, person) for person in mentioned]
            due = await _mention(crowd, chat, size.messages, authors, mentioned)
            for number in range(1, size.kills + 1):
                rest = size.messages * (1 - number / (size.kills + 1))
                with _worker(site):
                    await until(lambda: broker.llen(QUEUE) <= rest, within=60)  # noqa: B023
            cut_off = int(broker.hlen("unacked"))
            with _worker(site):
                found = await _told(site, broker, chat, size.within)
            verdict = await crowd.verdict()
            await _expect_listed(verdict, lists, found["rows"])
    lines = ((name, line) for name, lines in found["told"].items() for line in lines)
    counts = Counter((name, token) for name, line in lines for token in TOKEN.findall(line))
    never, often = due - counts, counts - due
    forgotten = {token for _, token in never}
    verdict.expect(len(forgotten) <= left_out, f"{len(forgotten)} messages of which people were never notified")
    verdict.expect(not often, f"{often.total()} notifications too many: {list(often.items())[:5]}")
    verdict.expect(not found["miscounted"], f"rows that count wrong: {found['miscounted'][:5]}")
    verdict.expect(cut_off, "no worker was killed in the middle of a task")
    verdict.notes = {"notifications": counts.total(), "tasks cut off": cut_off, "left out": len(forgotten)}
    return verdict


async def _open_list(crowd: Crowd, person: Person) -> Reader:
    reader = crowd.page(person, [f"user.{person.pk}"], Page(f"user.{person.pk}", list_id="notifications"))
    await crowd.open([reader])
    return reader


async def _mention(
    crowd: Crowd, chat: int, count: int, authors: list[Person], mentioned: list[Person]
) -> Counter[tuple[str, str]]:
    """Post messages that mention people, and return whom and by which tokens."""
    due: Counter[tuple[str, str]] = Counter()
    gate = asyncio.Semaphore(AT_ONCE)

    async def send(attempt: Attempt, author: Person) -> None:
        async with gate:
            await crowd.send(attempt, author)

    sending = []
    for number in range(count):
        author = authors[number % len(authors)]
        names = [person.name for person in crowd.ledger.random.sample(mentioned, MENTIONS)]
        attempt = crowd.ledger.attempt(chat, author.name, "".join(f"@{name} " for name in names))
        due.update((name, attempt.token) for name in names)
        sending.append(send(attempt, author))
    await asyncio.gather(*sending)
    return due


@contextmanager
def _worker(site: Site) -> Iterator[None]:
    """Run a worker with all its processes as long as the `with` block lasts, and then SIGKILL them."""
    command = [*run.CELERY, "worker", *run.WORKER.split(), "--queues", QUEUE]
    with site.log_file.open("a") as log:
        worker = subprocess.Popen(command, cwd=site.code, env=site.env, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


async def _told(site: Site, broker: Redis, chat: int, within: float) -> dict[str, Any]:
    """Wait until everybody was told or nothing is left to do, or so long; return what `notified` says then."""
    ends_at = time.monotonic() + within
    while True:
        is_idle = not broker.llen(QUEUE) and not broker.hlen("unacked")
        found: dict[str, Any] = json.loads(await asyncio.to_thread(site.run, "tests.faults.notified", str(chat)))
        if is_idle or not found["unnotified"] or time.monotonic() > ends_at:
            return found


async def _expect_listed(verdict: Verdict, lists: list[Reader], rows: dict[str, list[str]]) -> None:
    """See that open pages list what the database has, newest first."""

    def differing() -> list[Reader]:
        newest = {name: ids[:LISTED] for name, ids in rows.items()}
        return [
            reader
            for reader in lists
            if [row.id for row in reader.page.rows][: len(newest.get(reader.person.name, []))]
            != newest.get(reader.person.name, [])
        ]

    with suppress(AssertionError):
        await until(lambda: not differing(), within=5)
    verdict.expect(not differing(), f"lists that differ from the database: {[str(each) for each in differing()[:5]]}")
