"""Redis goes away: what is posted meanwhile is committed, answered in time, and shown."""

import asyncio
import json
import time

from tests.faults.crowd import Crowd, until
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Site


@fault(
    "F1",
    ordinary=Size(messages=300, readers=50, rate=30, times=2, seconds=2),
    full=Size(messages=10_000, readers=100, rate=50, times=5, seconds=20),
)
async def redis_killed(site: Site, size: Size, seed: int) -> Verdict:
    """Redis is SIGKILLed again and again under traffic, and is back after some seconds."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
        for number in range(size.times):
            due = size.messages * (number + 0.5) / size.times
            await until(lambda: len(ledger.attempts) >= due, within=size.messages)  # noqa: B023
            with ledger.outage(), site.redis_away(hung=False):
                await asyncio.sleep(ledger.random.uniform(min(2, size.seconds), size.seconds))
        await posting
        return await crowd.verdict(limit=size.within, shown_within=size.within)


@fault(
    "F1",
    ordinary=Size(messages=300, readers=50, rate=60, times=3),
    full=Size(messages=5_000, readers=100, rate=100, times=20),
)
async def redis_drops_connections(site: Site, size: Size, seed: int) -> Verdict:
    """Redis stays and closes every connection, again and again: web server, worker and beat find their ways back."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
        for number in range(size.times):
            due = size.messages * (number + 0.5) / size.times
            await until(lambda: len(ledger.attempts) >= due, within=size.messages)  # noqa: B023
            with ledger.outage():
                site.redis.drop_connections()
        await posting
        verdict = await crowd.verdict(limit=size.within, shown_within=size.within)
    ends_at = time.monotonic() + size.within
    while (left := await asyncio.to_thread(_unnotified, site, chat)) and time.monotonic() < ends_at:
        pass  # asking takes a second
    verdict.expect(not left, f"{left} messages of which the worker has told nobody")
    return verdict


def _unnotified(site: Site, chat: int) -> int:
    return int(json.loads(site.run("tests.faults.notified", str(chat)))["unnotified"])


@fault("F2", ordinary=Size(messages=200, readers=40), full=Size(messages=500, readers=100, served_within=1.5))
async def redis_down(site: Site, size: Size, seed: int) -> Verdict:
    """Redis is dead while forms are posted."""
    return await _without_redis(site, size, seed, hung=False)


@fault("F2", ordinary=Size(messages=200, readers=40), full=Size(messages=500, readers=100, served_within=1.5))
async def redis_hung(site: Site, size: Size, seed: int) -> Verdict:
    """Redis is SIGSTOPped while forms are posted: it takes connections and answers nothing."""
    return await _without_redis(site, size, seed, hung=True)


async def _without_redis(site: Site, size: Size, seed: int, *, hung: bool) -> Verdict:
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        with ledger.outage(), site.redis_away(hung=hung):
            await crowd.post(chat, size.messages, at_once=4)
        verdict = await crowd.verdict(limit=size.within, shown_within=size.within)
    p99, most = verdict.post_p99, size.served_within
    verdict.expect(p99 <= most, f"99 % of the forms were answered within {p99:.2f} s, and not {most} s")
    return verdict
