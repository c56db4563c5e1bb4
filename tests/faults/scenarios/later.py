"""Workers and beat that die while things become due: what was kept for later is done once, and late at most."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from project.run import __main__ as run
from tests.faults.crowd import Crowd, Reader, until
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import fault
from tests.faults.site import Site, Spec

ALONE = Spec(alone=True)
"""Its worker and beat are the test's own: the site gives up on one of its own that ends too often."""


@dataclass(frozen=True)
class LaterSize:
    """How many messages and reminders become due, how often all dies meanwhile, and how soon all must be done then."""

    messages: int
    kills: int
    within: float


@fault("F11", ordinary=LaterSize(60, 2, 40), full=LaterSize(180, 8, 60), spec=ALONE)
async def killed_while_due(site: Site, size: LaterSize, seed: int) -> Verdict:
    """Worker and beat are SIGKILLed, again and again, while messages that were kept for later become due."""
    chat = site.room()
    async with Crowd(site, Ledger(seed)) as crowd:
        (reader,) = await crowd.read(chat, 1)
        await _look(site, chat, size.messages)
        for number in range(1, size.kills + 1):
            part = size.messages * number // (size.kills + 1)
            with _running(site, number):
                await until(partial(_shows, reader, part), within=60)
        cut_off = len(reader.page.rows) < size.messages
        with _running(site, 0):
            found = await _done(site, chat, size.within)
            await until(lambda: len(reader.page.rows) >= len(found["said"]))
        shown = [row.text for row in reader.page.rows]
    verdict = Verdict(seed, size.messages)
    bodies = [f"later {number}." for number in range(size.messages)]
    for name, expected, got in (
        ("messages", bodies, found["said"]),
        ("reminders", [f"Reminder: {body}" for body in bodies], found["told"]),
    ):
        never, often = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
        verdict.lost += never.total()
        verdict.dup += often.total()
        verdict.expect(not never, f"{name} that never came: {list(never)[:5]}")
        verdict.expect(not often, f"{name} too many: {list(often.items())[:5]}")
    verdict.expect(not found["waiting"], f"{found['waiting']} still wait")
    verdict.expect(len(shown) == len(found["said"]), f"the page shows {len(shown)} of {len(found['said'])}")
    verdict.expect(cut_off, "all was done before the last kill")
    return verdict


def _shows(reader: Reader, count: int) -> bool:
    return len(reader.page.rows) >= count


async def _look(site: Site, chat: int, count: int = 0) -> dict[str, Any]:
    printed = await asyncio.to_thread(site.run, "tests.faults.waiting", str(chat), str(count))
    found: dict[str, Any] = json.loads(printed)
    return found


async def _done(site: Site, chat: int, within: float) -> dict[str, Any]:
    """Return where everything stands when nothing waits any more, or after so many seconds."""
    ends_at = time.monotonic() + within
    while True:
        found = await _look(site, chat)
        if not found["waiting"] or time.monotonic() > ends_at:
            return found


@contextmanager
def _running(site: Site, number: int) -> Iterator[None]:
    """Run a worker and a beat as long as the `with` block lasts, and then SIGKILL both."""
    schedule = str(site.state_dir / f"schedule-{number}")
    commands = [
        [*run.CELERY, "worker", *run.WORKER.split()],
        [*run.CELERY, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "warning"],
    ]
    with site.log_file.open("a") as log:
        started = [
            subprocess.Popen(each, cwd=site.code, env=site.env, stdout=log, stderr=log, start_new_session=True)
            for each in commands
        ]
    try:
        yield
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
