"""What is posted while a page connects: after its HTML was made, and between joining its groups and its replay."""

import asyncio

from tests.faults.crowd import Crowd, Reader
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Site, Spec


@fault(
    "F7",
    ordinary=Size(messages=200, readers=40, rate=25, times=2),
    full=Size(messages=2000, readers=300, rate=50, times=5),
    spec=Spec(handicaps=("slow-replay",)),
)
async def posts_while_pages_connect(site: Site, size: Size, seed: int) -> Verdict:
    """Posts fall between a page and its socket, and between a socket's join and its replay, which a gate holds back."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        readers = await crowd.read(chat, size.readers, opened=False)
        await crowd.post(chat, 10)
        posting = asyncio.create_task(crowd.post(chat, size.messages, rate=size.rate))
        seconds = size.messages / size.rate / (size.times + 1)
        await asyncio.gather(*(_come(crowd, reader, seconds) for reader in readers))
        for _ in range(size.times):
            await asyncio.gather(*(_come_back(crowd, reader, seconds) for reader in readers))
        await posting
        return await crowd.verdict(limit=size.within, allowed_closes={1006})


async def _come(crowd: Crowd, reader: Reader, seconds: float) -> None:
    await asyncio.sleep(crowd.dice.uniform(0, seconds))
    await crowd.open([reader])


async def _come_back(crowd: Crowd, reader: Reader, seconds: float) -> None:
    await asyncio.sleep(crowd.dice.uniform(0, seconds))
    reader.cut()
    await crowd.heard([reader])
