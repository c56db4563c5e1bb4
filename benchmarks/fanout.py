"""`bin/bench fanout`: one event to N sockets, at fixed rates and as fast as it goes, beside the peers."""

import argparse
import asyncio
import itertools
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial

from benchmarks import machine, stacks, tables
from benchmarks.client import Client
from benchmarks.peers.stacks import ALL
from benchmarks.people import MARK, People
from benchmarks.stacks import Stack
from benchmarks.tables import Column, Row

HELP = "one event to many sockets, beside the peers"
COLUMNS = [
    Column("stack", "stack", width=16),
    Column("sockets", "sockets", tables.whole),
    Column("kb_per_socket", "kB each", tables.tenths),
    Column("connects_per_s", "connects/s", tables.whole),
    Column("rate", "events", tables.rate, width=7),
    Column("deliveries_per_s", "deliveries/s", tables.whole),
    Column("cpu_us_per_delivery", "CPU µs each", tables.hundredths),
    Column("p50_ms", "p50 ms", tables.tenths, width=8),
    Column("p99_ms", "p99 ms", tables.tenths, width=8),
    Column("lost", "lost", tables.whole),
]

FIRST_SOCKETS = 5
FIRST_BURST = 20
LONGEST_BURST = 20_000


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--sockets", type=tables.numbers, default=[1000], help="how many, like 1000,5000,10000")
    command.add_argument("--rates", type=tables.numbers, default=[10, 50, 200, 1000], help="events a second")
    command.add_argument("--stacks", type=partial(stacks.chosen, ALL), default=list(ALL), help=", ".join(ALL))
    command.add_argument(
        "--seconds", type=float, default=5.0, help="how long a rate is held, and the longest burst takes"
    )


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure the stacks one after the other; yield each result as it comes."""
    # The tutorial's layer says at every event how many sockets lose it; the table says it once.
    logging.getLogger("channels_redis").setLevel(logging.ERROR)
    machine.allow_files(max(arguments.sockets))
    for sockets in arguments.sockets:
        with People(sockets) as people:
            for name in arguments.stacks:
                stack = ALL[name](people, people.directory / f"{name}.log")
                if lack := stack.missing():
                    print(f"{name}: left out, {lack}", file=sys.stderr)
                    continue
                with stack, asyncio.Runner() as runner:
                    yield from measure(runner, stack, sockets, arguments)


def measure(runner: asyncio.Runner, stack: Stack, sockets: int, arguments: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each rate and one for saturation (`rate` is `max`)."""
    runner.run(stack.open())
    targets = stack.targets(sockets)
    plan = {"mark": MARK, "hello": stack.hello, "greets": stack.greets}
    # What a server loads with its first sockets is not what an idle one costs.
    with Client("load", targets=targets[:FIRST_SOCKETS], **plan):
        pass
    before = stack.memory_kb()
    with Client("load", targets=targets, **plan) as load:
        common = {
            "stack": stack.name,
            "sockets": sockets,
            "kb_per_socket": round((stack.memory_kb() - before) / sockets, 1),
            "connects_per_s": round(sockets / load.connected["seconds"]),
        }
        seconds = arguments.seconds
        for rate in arguments.rates:
            yield common | {"rate": rate} | runner.run(hold(stack, load, rate, seconds))
        yield common | {"rate": "max"} | runner.run(saturate(stack, load, sockets, seconds))


async def hold(stack: Stack, load: Client, rate: int, seconds: float) -> Row:
    """Publish at a fixed rate."""
    count = int(rate * seconds)
    return await publish_and_count(stack, load, [number / rate for number in range(count)])


async def saturate(stack: Stack, load: Client, sockets: int, seconds: float) -> Row:
    """Publish bursts, each as fast as it goes, until one takes long enough to arrive; return what that one says."""
    count = FIRST_BURST
    while True:
        row = await publish_and_count(stack, load, itertools.repeat(0.0, count))
        took = sockets * count / max(row["deliveries_per_s"], 1)
        if took > seconds / 2 or count >= LONGEST_BURST or row["lost"]:
            return row
        count = min(LONGEST_BURST, max(2 * count, int(count * seconds / took)))


async def publish_and_count(stack: Stack, load: Client, times: Iterable[float]) -> Row:
    """Publish an event at each of `times` (seconds from now), or as soon after as may be, and count what arrives."""
    head, tail = stack.people.fragment()
    load.ask("start")
    cpu, began, count = stack.cpu_seconds(), time.monotonic(), 0
    for at in times:
        if (wait := began + at - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        await stack.publish(f"{head}{time.monotonic_ns():019}{tail}")
        count += 1
    seen = await asyncio.to_thread(load.ask, f"stop {count}")
    seconds = max(seen["last_ns"] / 1e9 - began, 1e-9)
    spent = stack.cpu_seconds() - cpu
    return {
        "deliveries_per_s": round(seen["deliveries"] / seconds),
        "cpu_us_per_delivery": round(spent / max(seen["deliveries"], 1) * 1e6, 2),
        "p50_ms": seen["p50_ms"],
        "p99_ms": seen["p99_ms"],
        "lost": seen["lost"],
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Compare the stacks at saturation with the first of them, for each number of sockets."""
    lines = []
    firsts: dict[int, Row] = {}
    for row in rows:
        if row["rate"] == "max":
            first = firsts.setdefault(row["sockets"], row)
            if first is not row:
                ratio = row["deliveries_per_s"] / max(first["deliveries_per_s"], 1)
                lines.append(f"{row['sockets']:,} sockets: {row['stack']} delivers {ratio:.3f} of {first['stack']}")
    return lines
