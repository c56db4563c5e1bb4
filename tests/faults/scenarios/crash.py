"""A process that dies between commit and push: nobody is left who could say what was posted."""

import asyncio
import json

from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Site


@fault("F5", ordinary=Size(messages=20, readers=40), full=Size(messages=200, readers=100))
async def process_dies_before_push(site: Site, size: Size, seed: int) -> Verdict:
    """Processes post and are SIGKILLed after the commit, where the push would leave."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        attempts = [ledger.attempt(chat, "alice", "says it and dies") for _ in range(size.messages)]
        fields = ("person", "body", "client_id")
        lines = (json.dumps({field: getattr(attempt, field) for field in fields}) for attempt in attempts)
        printed = await asyncio.to_thread(site.run, "tests.faults.poster", str(chat), given="\n".join(lines))
        for attempt, died_at in zip(attempts, printed.split(), strict=True):
            attempt.acknowledged_at = float(died_at)
        return await crowd.verdict(limit=size.within, shown_within=size.within)
