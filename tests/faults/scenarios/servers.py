"""Web servers that die or are restarted, while another one goes on."""

import asyncio
import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import httpx

from tests.faults.crowd import Crowd, Reader
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import TWO_SERVERS, Site
from tests.faults.watching import within
from tests.live.stack import until

STARTED_WITHIN = 30


@fault(
    "F3",
    ordinary=Size(messages=180, readers=60, rate=30, within=60),
    full=Size(messages=3000, readers=1000, rate=50, times=3, within=15),
    on_daphne=True,
    spec=TWO_SERVERS,
)
async def web_server_killed(site: Site, size: Size, seed: int) -> Verdict:
    """One of two web server processes is SIGKILLed under its sockets and traffic."""
    chat, ledger = site.room(), Ledger(seed)
    cut: list[int] = []
    back: list[float] = []
    async with Crowd(site, ledger) as crowd:
        readers = await crowd.read(chat, size.readers)
        posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
        for number in range(size.times):
            await _posted(ledger, size.messages * (number + 0.3) / size.times)
            before, killed_at = ledger.closes.total(), time.monotonic()
            await asyncio.to_thread(_end, site, _busiest(site), signal.SIGKILL)
            back.append(await _all_back(crowd, readers, killed_at, size.within))
            cut.append(ledger.closes.total() - before)
        await posting
        verdict = await crowd.verdict(limit=size.within, allowed_closes={1006})
    verdict.expect(all(cut), "nobody was at a process that was killed")
    verdict.expect(max(back) <= size.within, f"after {max(back):.1f} s not all pages were back")
    verdict.notes |= {"cut": cut, "back_s": [round(each, 1) for each in back]}
    return verdict


@fault(
    "F4",
    ordinary=Size(messages=240, readers=60, rate=30, within=60),
    full=Size(messages=3000, readers=1000, rate=50, times=2, within=15),
    on_daphne=True,
    spec=TWO_SERVERS,
)
async def rolling_restart(site: Site, size: Size, seed: int) -> Verdict:
    """The two web server processes are restarted by SIGTERM under traffic, one after the other."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        # A connection that was kept may end just when it is used again; browsers then send again, unasked.
        crowd.http.headers["Connection"] = "close"
        readers = await crowd.read(chat, size.readers)
        posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
        await _posted(ledger, size.messages / 10)
        for _ in range(size.times):
            for pid in site.web_servers():
                await asyncio.to_thread(_end, site, pid, signal.SIGTERM)
        await crowd.heard(readers, size.within)
        await posting
        verdict = await crowd.verdict(limit=size.within, allowed_closes={1012, 4012})
    moved = sum(bool(reader.closes) for reader in readers)
    verdict.expect(moved > len(readers) / 2, f"only {moved} pages were sent away")
    failed = [answer for each in ledger.attempts.values() for answer in each.answers if isinstance(answer, str)]
    verdict.expect(not failed, f"{len(failed)} forms had no answer at first: {set(failed)}")
    verdict.notes |= {"closes": dict(ledger.closes)}
    return verdict


async def _posted(ledger: Ledger, count: float) -> None:
    assert await within(lambda: len(ledger.acknowledged()) >= count, 120)


async def _all_back(crowd: Crowd, readers: Collection[Reader], lost_at: float, within: float) -> float:
    """Return how long after `lost_at` the last of the readers was heard again; infinite if not in time."""
    try:
        await crowd.heard(readers, max(0.0, lost_at + within - time.monotonic()))
    except TimeoutError:
        return float("inf")
    return max(reader.heard_at for reader in readers) - lost_at


def _end(site: Site, pid: int, number: signal.Signals) -> None:
    """End a process of the web server by a signal, and wait until another one in its place serves."""
    before = site.web_servers()
    os.kill(pid, number)
    until(lambda: len(set(site.web_servers()) - {pid}) == len(before), STARTED_WITHIN)
    (fresh,) = set(site.web_servers()) - set(before)
    # The processes share an address, and whoever is free answers.
    until(lambda: _who_answers(site) == fresh, STARTED_WITHIN)


def _who_answers(site: Site) -> float:
    with suppress(httpx.TransportError):
        return site.metrics()["faults_pid"]
    return 0


def _busiest(site: Site) -> int:
    return max(site.web_servers(), key=lambda pid: len(list(Path(f"/proc/{pid}/fd").iterdir())))
