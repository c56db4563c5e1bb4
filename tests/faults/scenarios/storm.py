"""The storm: one fault after the other, chosen by the dice, while people go on writing and reading."""

import asyncio
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from tests.faults.crowd import Crowd, until
from tests.faults.ledger import Ledger, Verdict
from tests.faults.page import Page
from tests.faults.proxy import Proxy, proxy
from tests.faults.registry import fault
from tests.faults.site import Site, Spec

RESTARTS = 4
RESTART_WINDOW = 60.0
"""How often a service may be ended in this time: the run itself gives up soon after."""
EXPECTED_CLOSES = {1006, 1012, 4012, 4013, 4404}


@dataclass(frozen=True)
class StormSize:
    """How long, how many, how fast, and how long (from, to) between two faults."""

    seconds: float
    readers: int
    rate: float
    pause: tuple[float, float]


@fault(
    "F18",
    ordinary=StormSize(seconds=25, readers=50, rate=15, pause=(3, 5)),
    full=StormSize(seconds=600, readers=300, rate=50, pause=(5, 15)),
    spec=Spec(lossy=True),
)
async def storm(site: Site, size: StormSize, seed: int) -> Verdict:
    """Everything at once: a fault by the dice every few seconds, for as long as people write."""
    chat, ledger = site.room(), Ledger(seed)
    with proxy(site.code, urlsplit(site.url).port or 80) as network:
        async with Crowd(site, ledger, [site.url, network.url]) as crowd:
            readers = await crowd.read(chat, size.readers)
            weather = Weather(site, network, ledger)
            breaking = asyncio.create_task(weather.rage(size))
            intruding = asyncio.create_task(_intrude(crowd, chat, size.seconds))
            await crowd.post(chat, int(size.seconds * size.rate), rate=size.rate, at_once=100)
            await asyncio.gather(breaking, intruding)
            verdict = await crowd.verdict(limit=15, shown_within=30, allowed_closes=EXPECTED_CLOSES, readers=readers)
    verdict.expect(ledger.closes[4404], "the outsider never came as far as the refusal")
    verdict.notes = {"faults": dict(weather.done), "closes": dict(ledger.closes)}
    return verdict


async def _intrude(crowd: Crowd, chat: int, seconds: float) -> None:
    """Have carol, who may not see the chat, follow her own notifications and try the chat's door again and again."""
    carol = crowd.site.people["carol"]
    crowd.ledger.end_right(carol.name, chat, at=0)
    await crowd.follow(carol)
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        reader = crowd.page(carol, [f"chat.{chat}"], Page(f"chat.{chat}"))
        reader.open()
        await until(lambda: 4404 in reader.closes, within=60)  # noqa: B023
        with suppress(httpx.TransportError):
            answer = await crowd.get(carol, f"/notifications/live/chat/{chat}/changes/?after=0")
            if answer.status_code != 404:
                crowd.ledger.problems.append(f"the outsider got {answer.status_code} for the chat's changes")
        await asyncio.sleep(0.5)


@dataclass
class Weather:
    """What the dice may do to a site."""

    site: Site
    network: Proxy
    ledger: Ledger
    done: Counter[str] = field(default_factory=Counter)
    ended_at: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def rage(self, size: StormSize) -> None:
        """Break one thing after the other until the time is over; what was broken is whole again after each."""
        kinds: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {
            "Redis killed": ("", lambda: self._redis_away(hung=False)),
            "Redis hung": ("", lambda: self._redis_away(hung=True)),
            "worker killed": ("worker", self._kill_worker),
            "web server killed": ("web", lambda: self._restart_web_server(signal.SIGKILL)),
            "web server ended": ("web", lambda: self._restart_web_server(signal.SIGTERM)),
            "connections cut": ("", self._cut),
            "events lost": ("", self._lose_events),
        }
        ends_at = time.monotonic() + size.seconds
        # Each comes once before any comes twice, so that a short storm has seen most of them.
        bag: list[str] = []
        while time.monotonic() < ends_at:
            await asyncio.sleep(self.ledger.random.uniform(*size.pause))
            bag = bag or self.ledger.random.sample(list(kinds), len(kinds))
            name = bag.pop()
            service, break_it = kinds[name]
            if not self._may_end(service):
                continue
            self.done[name] += 1
            with self.ledger.outage():
                await break_it()

    def _may_end(self, service: str) -> bool:
        now = time.monotonic()
        if service and sum(now - at < RESTART_WINDOW for at in self.ended_at[service]) >= RESTARTS:
            return False
        self.ended_at[service].append(now)
        return True

    async def _redis_away(self, *, hung: bool) -> None:
        with self.site.redis_away(hung=hung):
            await asyncio.sleep(self.ledger.random.uniform(1, 4))

    async def _kill_worker(self) -> None:
        os.kill(self.site.children()["worker"], signal.SIGKILL)

    async def _restart_web_server(self, number: signal.Signals) -> None:
        await asyncio.to_thread(self.site.restart_web_server, number)

    async def _cut(self) -> None:
        self.network.cut()

    async def _lose_events(self) -> None:
        self.site.lose_events(self.ledger.seed, drop=0.5)
        try:
            await asyncio.sleep(self.ledger.random.uniform(1, 4))
        finally:
            self.site.lose_nothing()
