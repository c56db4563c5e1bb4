"""Without the mechanism that heals a fault, the ledger says so; that it is clean with it is what test_faults shows."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.faults.ledger import Verdict
from tests.faults.registry import Size, load
from tests.faults.scenarios.later import LaterSize
from tests.faults.scenarios.rude import Flood
from tests.faults.scenarios.sockets import Slow
from tests.faults.scenarios.tasks import REDELIVERED, SWEPT, TasksSize
from tests.faults.site import TWO_SERVERS, Site, Spec

ALONE = Spec(alone=True)
FAULTS = {part.scenario.__name__: part for parts in load().values() for part in parts}


@dataclass(frozen=True)
class Switch:
    """Mechanisms that are off, the scenario that must notice, and what it must say; `spec` is the site otherwise."""

    off: tuple[str, ...]
    scenario: str
    size: Any
    notices: Callable[[Verdict], object]
    spec: Spec = ALONE

    @property
    def handicapped(self) -> Spec:
        """The site on which they are off."""
        return replace(self.spec, handicaps=(*self.spec.handicaps, *self.off))

    def __str__(self) -> str:
        return f"{self.scenario}-{'-'.join(self.off)}"


def lost(verdict: Verdict) -> int:
    return verdict.lost


def dup(verdict: Verdict) -> int:
    return verdict.dup


def slow_post(verdict: Verdict) -> bool:
    return verdict.post_p99 > 1.5


def says(words: str) -> Callable[[Verdict], bool]:
    return lambda verdict: any(words in problem for problem in verdict.problems)


FEW = Size(messages=20, readers=4)
LOSSY = replace(ALONE, lossy=True)
DAPHNE = replace(ALONE, server="daphne")
TWO_UVICORNS = replace(TWO_SERVERS, alone=True)
TWO_DAPHNES = replace(TWO_UVICORNS, server="daphne")
SLOW = Slow(messages=5, readers=2, rate=5, bad=2, seconds=20, kilobytes=500, broadcasts=20)
GATE = replace(ALONE, handicaps=("slow-replay",))
TASKS = TasksSize(messages=48, kills=3, within=20)
SWITCHES = [
    Switch(("no-self-check", "no-gap-fetch"), "redis_killed", Size(60, 4, rate=20, seconds=1), lost),
    Switch(("no-self-check",), "redis_down", FEW, lost),
    Switch(("no-self-check",), "process_dies_before_push", FEW, lost),
    Switch(("no-gap-fetch",), "unreliable_channel_layer", Size(80, 4), lost, LOSSY),
    Switch(("passes-doubles",), "doubled_events", FEW, dup, LOSSY),
    Switch(("no-replay",), "posts_while_pages_connect", Size(40, 4, rate=20), lost, GATE),
    Switch(("replay-before-join",), "posts_while_pages_connect", Size(60, 8, rate=20), lost, GATE),
    Switch(("no-drain",), "rolling_restart", Size(120, 10, rate=15, within=15), says("closed with 1006"), TWO_DAPHNES),
    Switch(("no-replay",), "all_sockets_dropped", Size(40, 20, rate=40, within=15), lost),
    Switch(("one-by-one",), "all_sockets_dropped", Size(20, 50, rate=20, within=15), says("queries brought")),
    Switch(("no-limit-of-owed-bytes",), "readers_stop_reading", SLOW, says("still connected")),
    Switch(("no-back-pressure",), "readers_stop_reading", SLOW, says("still connected"), DAPHNE),
    Switch(
        ("listens",),
        "inbound_flood",
        Flood(messages=5, readers=2, rate=5, times=0),
        says("a text is closed with 0"),
    ),
    Switch(("no-limit-of-sockets",), "too_many_sockets", Size(messages=5, times=60), says("of one person stayed open")),
    Switch(("forgets-nobody",), "connects_and_closes", Size(5, 2, times=160, within=3), says("more than before")),
    Switch(("no-time-limits",), "redis_hung", Size(messages=4, readers=2), slow_post),
    Switch(("no-client-id",), "forms_sent_repeatedly", Size(10, 2), dup),
    Switch(("no-notification-key",), "workers_killed", TASKS, says("notifications too many"), SWEPT),
    Switch(("no-sweeper",), "workers_killed", replace(TASKS, within=3), says("never notified"), SWEPT),
    # So many die that each takes more than one task with it, whatever it was just doing.
    Switch(
        ("early-acks",), "workers_killed_unswept", TasksSize(120, 8, within=20), says("never notified"), REDELIVERED
    ),
    Switch(("later-apart",), "killed_while_due", LaterSize(20, 2, 40), lost),
    Switch(("no-recheck",), "rights_end", Size(readers=50, rate=10), says("the last page was closed after")),
    # Transactions of one process take turns: it takes two to cross.
    Switch(("deferred-transactions",), "locks_cross", Size(40, 4), says("answered with errors"), TWO_UVICORNS),
]
if os.environ.get("TEST_DATABASE_URL"):
    POSTGRESQL = replace(ALONE, database="postgresql")
    SWITCHES += [
        Switch(("no-row-lock",), "locks_cross", Size(40, 4), lambda verdict: not verdict.is_clean, POSTGRESQL),
    ]
OFF = [pytest.param(switch, switch.handicapped, id=str(switch)) for switch in SWITCHES]


@pytest.mark.parametrize(("switch", "site"), OFF, indirect=["site"], scope="session")
async def test_ledger_notices(switch: Switch, site: Site, seed: int) -> None:
    verdict = await FAULTS[switch.scenario].scenario(site, switch.size, seed)
    assert switch.notices(verdict), f"{verdict} although it ran without: {', '.join(switch.off)}"
