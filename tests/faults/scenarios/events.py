"""Events that are lost, doubled or late between Redis and a web server."""

from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Site, Spec


@fault(
    "F6",
    ordinary=Size(messages=400, readers=50),
    full=Size(messages=10_000, readers=300, rate=50),
    spec=Spec(lossy=True),
)
async def unreliable_channel_layer(site: Site, size: Size, seed: int) -> Verdict:
    """Events are dropped (10 %), doubled (5 %) and shuffled on their way to the relay."""
    chat = site.room()
    async with Crowd(site, Ledger(seed)) as crowd:
        await crowd.read(chat, size.readers)
        healed = _healed(site)
        site.lose_events(seed)
        await crowd.post(chat, size.messages, rate=size.rate)
        verdict = await crowd.verdict(limit=2 * size.within, shown_within=size.within)
    site.lose_nothing()
    verdict.expect(_healed(site) > healed, "no gap was healed, so nothing was lost on the way")
    return verdict


@fault(
    "F6",
    ordinary=Size(messages=100, readers=20),
    full=Size(messages=1000, readers=100, rate=50),
    spec=Spec(lossy=True),
)
async def doubled_events(site: Site, size: Size, seed: int) -> Verdict:
    """Events are doubled, and the pages are plain ones that would show everything they are sent."""
    chat = site.room()
    async with Crowd(site, Ledger(seed)) as crowd:
        await crowd.read(chat, size.readers, plain=True)
        site.lose_events(seed, drop=0, double=0.5, shuffle=0)
        await crowd.post(chat, size.messages, rate=size.rate)
        verdict = await crowd.verdict(limit=size.within, shown_within=size.within)
    site.lose_nothing()
    return verdict


def _healed(site: Site) -> float:
    return site.metrics().get('bellwire_heals_total{cause="gap"}', 0)
