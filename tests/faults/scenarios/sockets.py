"""Sockets that are slow, lost, or come and go: they get what is theirs, and cost the others nothing."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

import redis
from websockets.frames import Opcode

from notifications.relay.close_codes import CloseCode
from tests.faults.clients import Client, clients
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Person, Site
from tests.faults.watching import Memory, beside, descriptors, expect_good_service, memory_of, within

QUERIES_EACH = 8
"""A page that is judged alone costs 14; by how many they come together, 2 to 5.5, is for the machine to say."""
QUERIES_OF_THE_RELAY = 40
AT_ONCE = 20
POOLED = {"descriptors": 12, "clients": 12}
"""What threads keep open for whoever is next: more of them may have been needed at once than before."""
GOING_AWAY = (1001).to_bytes(2)
ALLOWED_GROWTH = 8
"""Megabytes that the second half of those who come and go may add to what the first has left."""

# Those who stop reading


@dataclass(frozen=True)
class Slow(Size):
    """`bad` readers stop reading, and must be gone after `seconds`; `kilobytes` come ten times a second for each."""

    bad: int = 0
    kilobytes: int = 0
    broadcasts: int = 0
    allowed_growth: int = 64


@fault(
    "F8",
    ordinary=Slow(messages=30, readers=20, rate=5, bad=8, seconds=35, kilobytes=100, broadcasts=70),
    full=Slow(messages=400, readers=100, rate=10, bad=20, seconds=40, kilobytes=100, broadcasts=400, served_within=1),
    on_daphne=True,
)
async def readers_stop_reading(site: Site, size: Slow, seed: int) -> Verdict:
    """Some readers stop reading while megabytes are sent to each; half of them go on sending pongs."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        with clients(site, size.bad) as bad:
            for client, person in zip(bad, reversed(site.members), strict=False):
                await client.connect(small_buffer=True)
                await client.upgrade(person, f"/ws/live/chat/{chat}/?after=0")
            stopped_at = time.monotonic()
            async with beside(_go_on_sending(bad[::2])), Memory(site) as memory:
                broadcasting = asyncio.create_task(_broadcast(site, chat, size))
                posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
                gone = await within(lambda: all(client.is_gone() for client in bad), size.seconds)
                gone_after = time.monotonic() - stopped_at
                await asyncio.gather(posting, broadcasting)
            left = sum(not client.is_gone() for client in bad)
        verdict = await crowd.verdict(limit=size.within)
    verdict.expect(gone, f"{left} of {size.bad} who read nothing are still connected after {size.seconds} s")
    verdict.expect(memory.grown <= size.allowed_growth, f"the server's memory grew by {memory.grown:.0f} MB")
    expect_good_service(verdict, size)
    verdict.notes |= {"bad_gone_s": round(gone_after, 1), "memory_mb": round(memory.grown, 1)}
    return verdict


async def _broadcast(site: Site, chat: int, size: Slow) -> None:
    arguments = (f"chat.{chat}", str(size.kilobytes), str(size.broadcasts))
    await asyncio.to_thread(site.run, "tests.faults.broadcaster", *arguments)


async def _go_on_sending(clients: Collection[Client]) -> None:
    while True:
        await asyncio.sleep(1)
        for client in clients:
            with contextlib.suppress(ConnectionError):
                await client.say(Opcode.PONG, b"")


# Those who are cut off


@fault(
    "F9",
    ordinary=Size(messages=90, readers=200, rate=30, within=60),
    full=Size(messages=1000, readers=1000, rate=50, within=15),
    on_daphne=True,
)
async def all_sockets_dropped(site: Site, size: Size, seed: int) -> Verdict:
    """All connections are cut at once under traffic."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        readers = await crowd.read(chat, size.readers)
        quiet = await _queries(site)
        posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
        await within(lambda: len(ledger.acknowledged()) > size.messages / 3, 30)
        queries, posted, cut_at = await _queries(site), len(ledger.acknowledged()), time.monotonic()
        of_a_post = (queries - quiet) / posted
        for reader in readers:
            reader.cut()
        back = await within(lambda: all(reader.heard_at > cut_at for reader in readers), size.within)
        # How many posts fall into this time is the machine's affair; the pages' own queries are what is bounded.
        queries = await _queries(site) - queries - of_a_post * (len(ledger.attempts) - posted)
        await posting
        verdict = await crowd.verdict(limit=size.within, allowed_closes={1006})
    away = [reader for reader in readers if reader.heard_at < cut_at]
    verdict.expect(back, f"{len(away)} pages were not back after {size.within} s")
    allowed = QUERIES_EACH * len(readers) + QUERIES_OF_THE_RELAY
    verdict.expect(queries <= allowed, f"{queries:.0f} queries brought {len(readers)} pages back")
    back_after = max(reader.heard_at for reader in readers) - cut_at
    verdict.notes |= {"back_s": round(back_after, 1), "queries_each": round(queries / len(readers), 2)}
    return verdict


async def _queries(site: Site) -> float:
    return (await asyncio.to_thread(site.metrics))["faults_queries_total"]


# Those who come and go


@fault(
    "F17",
    ordinary=Size(messages=40, readers=5, times=600, within=60),
    full=Size(messages=1000, readers=20, times=20_000, within=15),
    on_daphne=True,
)
async def connects_and_closes(site: Site, size: Size, seed: int) -> Verdict:
    """Sockets come and go in every way there is, and leave nothing behind."""
    chat, ledger = site.room(), Ledger(seed)
    (pid,) = site.web_servers()
    memory = []
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        # What is made once, for the first of them, is there before.
        await asyncio.gather(_come_and_go(site, chat, AT_ONCE * len(VISITS)), crowd.post(chat, AT_ONCE))
        await within(lambda: _state(site)["sockets"] == size.readers, size.within)
        before = await asyncio.to_thread(_state, site)
        posting = asyncio.create_task(crowd.post(chat, size.messages, at_once=1))
        for _ in range(2):
            await _come_and_go(site, chat, size.times // 2)
            memory.append(memory_of(pid))
        await posting
        more: dict[str, tuple[float, float]] = {}

        def is_as_before() -> bool:
            now = _state(site)
            more.clear()
            more.update(
                {name: (before[name], now[name]) for name in before if now[name] > before[name] + POOLED.get(name, 0)}
            )
            return not more

        await within(is_as_before, size.within)
        verdict = await crowd.verdict(limit=size.within)
    verdict.expect(not more, f"there is more than before: {more}")
    grown = memory[1] - memory[0]
    verdict.expect(grown <= ALLOWED_GROWTH, f"the server's memory grew by {grown:.0f} MB in the second half")
    verdict.notes |= {"memory_mb": [round(each, 1) for each in memory], **before}
    return verdict


Visit = Callable[[Client, Person, int], Awaitable[None]]


async def _leave(client: Client, person: Person, chat: int) -> None:
    await client.upgrade(person, f"/ws/live/chat/{chat}/?after=0")
    await client.say(Opcode.CLOSE, GOING_AWAY)
    await client.end()


async def _break_off(client: Client, person: Person, chat: int) -> None:
    await client.upgrade(person, f"/ws/live/chat/{chat}/?after=0")
    client.reset()


async def _break_off_at_once(client: Client, person: Person, chat: int) -> None:
    await client.send(client.request(person, f"/ws/live/user/{person.pk}/"))
    client.reset()


async def _break_off_in_the_handshake(client: Client, person: Person, chat: int) -> None:
    await client.send(client.request(person, f"/ws/live/user/{person.pk}/")[:100])
    client.reset()


async def _follow_notifications(client: Client, person: Person, chat: int) -> None:
    await client.upgrade(person, f"/ws/live/user/{person.pk}/")
    await client.say(Opcode.CLOSE, GOING_AWAY)
    await client.end()


async def _come_as_a_stranger(client: Client, person: Person, chat: int) -> None:
    await client.upgrade(replace(person, session="none"), f"/ws/live/chat/{chat}/")
    assert await client.close_code() == CloseCode.SIGNED_OUT


async def _look_for_what_is_not_there(client: Client, person: Person, chat: int) -> None:
    await client.upgrade(person, "/ws/live/chat/999999/")
    assert await client.close_code() == CloseCode.NOT_FOUND


async def _look_where_nothing_is(client: Client, person: Person, chat: int) -> None:
    await client.upgrade(person, "/ws/nothing/")
    assert await client.close_code() == CloseCode.NOT_FOUND


VISITS: list[Visit] = [
    _leave,
    _break_off,
    _break_off_at_once,
    _break_off_in_the_handshake,
    _follow_notifications,
    _come_as_a_stranger,
    _look_for_what_is_not_there,
    _look_where_nothing_is,
]


async def _come_and_go(site: Site, chat: int, count: int) -> None:
    numbers = iter(range(count))

    async def visit_in_turn() -> None:
        for number in numbers:
            with Client(site) as client:
                async with asyncio.timeout(10):
                    await client.connect()
                    person = site.members[number % len(site.members)]
                    await VISITS[number % len(VISITS)](client, person, chat)

    await asyncio.gather(*(visit_in_turn() for _ in range(AT_ONCE)))


def _state(site: Site) -> dict[str, float]:
    """Return how much there is of what sockets need, in the server and in Redis."""
    (pid,) = site.web_servers()
    metrics = site.metrics()
    with redis.Redis.from_url(site.redis.url) as server:
        channels = server.pubsub_channels()
        return {
            **{name: metrics[f"faults_{name}"] for name in ("tasks", "groups", "users", "subscriptions")},
            "sockets": metrics["bellwire_sockets"],
            "descriptors": descriptors(pid),
            "channels": len(channels),
            "subscribers": sum(count for _, count in server.pubsub_numsub(*channels)),
            "clients": len(server.client_list()),
            "keys": server.dbsize(),
        }
