"""`bin/bench fanout`: one event to N sockets, at fixed rates and as fast as it goes, beside the peers."""

import asyncio
import itertools
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.people import MARK, People
from benchmarks.stacks import ALL, Stack

SECONDS = 5.0
"""How long each rate is held."""
FIRST_BURST = 20
BURST_SECONDS = 3.0
"""How long the burst that measures saturation should take to arrive."""
LONGEST_BURST = 20_000

Row = dict[str, Any]


class Load:
    """The load client in a process of its own."""

    def __init__(self, stack: Stack, sockets: int) -> None:
        command = [sys.executable, str(Path(__file__).parent / "load.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.connected = self.ask(
            json.dumps({"targets": stack.targets(sockets), "mark": MARK, "hello": stack.hello, "greets": stack.greets})
        )

    def ask(self, line: str) -> Row:
        """Send a line and return the answer."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the load client has ended")
        return dict(json.loads(answer))

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


def run(names: Iterable[str], sockets: int, rates: Iterable[int]) -> list[Row]:
    """Measure the named stacks one after the other; print a line for each result as it comes."""
    rows: list[Row] = []
    rates = list(rates)
    with People(sockets) as people:
        for name in names:
            stack = ALL[name](people, people.directory / f"{name}.log")
            if lack := stack.missing():
                print(f"{name}: left out, {lack}", file=sys.stderr)
                continue
            with stack:
                rows += asyncio.run(measure(stack, sockets, rates, people.fragment()))
    return rows


async def measure(stack: Stack, sockets: int, rates: list[int], fragment: tuple[str, str]) -> list[Row]:
    """Return a row for each rate and one for saturation (`rate` is `max`)."""
    # The tutorial's layer says at every event how many sockets lose it; the table says it once.
    logging.getLogger("channels_redis").setLevel(logging.ERROR)
    await stack.open()
    before = stack.memory_kb()
    load = Load(stack, sockets)
    common = {
        "stack": stack.name,
        "sockets": sockets,
        "kb_per_socket": round((stack.memory_kb() - before) / sockets, 1),
        "connects_per_s": round(sockets / load.connected["seconds"]),
    }
    rows: list[Row] = []
    try:
        for rate in rates:
            rows.append(common | {"rate": rate} | await hold(stack, load, rate, sockets, fragment))
            show(rows[-1])
        rows.append(common | {"rate": "max"} | await saturate(stack, load, sockets, fragment))
        show(rows[-1])
    finally:
        load.end()
    return rows


async def hold(stack: Stack, load: Load, rate: int, sockets: int, fragment: tuple[str, str]) -> Row:
    """Publish at a fixed rate."""
    count = int(rate * SECONDS)
    return await publish_and_count(stack, load, sockets, fragment, [number / rate for number in range(count)])


async def saturate(stack: Stack, load: Load, sockets: int, fragment: tuple[str, str]) -> Row:
    """Publish bursts, each as fast as it goes, until one takes long enough to arrive; return what that one says."""
    count = FIRST_BURST
    while True:
        row = await publish_and_count(stack, load, sockets, fragment, itertools.repeat(0.0, count))
        took = sockets * count / max(row["deliveries_per_s"], 1)
        if took > BURST_SECONDS / 2 or count >= LONGEST_BURST or row["lost"]:
            return row
        count = min(LONGEST_BURST, max(2 * count, int(count * BURST_SECONDS / took)))


async def publish_and_count(
    stack: Stack, load: Load, sockets: int, fragment: tuple[str, str], times: Iterable[float]
) -> Row:
    """Publish an event at each of `times` (seconds from now), or as soon after as may be, and count what arrives."""
    load.ask("start")
    cpu, began, count = stack.cpu_seconds(), time.monotonic(), 0
    for at in times:
        if (wait := began + at - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        await stack.publish(f"{fragment[0]}{time.monotonic_ns():019}{fragment[1]}")
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


def show(row: Row) -> None:
    """Print one result as a line of the table."""
    print(
        f"{row['stack']:16} {row['sockets']:6} {row['rate']!s:>5}/s {row['deliveries_per_s']:9,} deliveries/s"
        f" {row['cpu_us_per_delivery']:8.2f} µs each  p50 {row['p50_ms']:8.1f} ms  p99 {row['p99_ms']:8.1f} ms"
        f"  lost {row['lost']:,}",
        file=sys.stderr,
        flush=True,
    )
