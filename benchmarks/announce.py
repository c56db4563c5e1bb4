"""`bin/bench announce`: an announcement to everybody, for ever more people: how fast, and in how much memory."""

import argparse
import itertools
import time
from collections.abc import Iterator

from benchmarks import databases, inside, machine, tables
from benchmarks.people import People
from benchmarks.tables import Column, Row
from benchmarks.workers import worker

HELP = "an announcement to everybody, and the memory of the worker that sends it"
COLUMNS = [
    Column("database", "database", width=10),
    Column("people", "people", tables.whole, width=8),
    Column("seconds", "seconds", tables.tenths),
    Column("people_per_s", "people/s", tables.whole),
    Column("cpu_us_per_person", "worker CPU µs each", tables.whole),
    Column("first_mb", "MB at first", tables.tenths),
    Column("most_mb", "MB at most", tables.tenths),
    Column("missing", "missing", tables.whole),
    Column("doubled", "doubled", tables.whole),
]
FLAT = 1.1
"""How much more memory the most people may take than the fewest."""
LIMIT = 1800.0
"""Seconds that one announcement may take."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--people", type=tables.numbers, default=[1000, 100_000], help="how many, like 1000,100000")
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Announce to each number of people on each database, new for it."""
    found = databases.answering(arguments.databases, arguments.database_url)
    for database, count in itertools.product(found, arguments.people):
        with databases.fresh(database, arguments.database_url) as url, People(0, count, database_url=url) as people:
            yield {"database": database, "people": count} | measure(people)


def measure(people: People) -> Row:
    """Announce, and watch the worker until everybody has it."""
    with worker(people.directory / "worker.log") as pid:
        announcement, began = people.ask(inside.announce), time.monotonic()
        while not people.ask(inside.sent, announcement)[0]:
            expect_in_time(began, people)
        first_mb = most_mb = machine.memory_kb(pid) / 1024
        started, cpu = time.monotonic(), machine.cpu_seconds(pid)
        count, is_over = people.ask(inside.sent, announcement)
        before = count
        while not is_over:
            expect_in_time(began, people)
            most_mb = max(most_mb, machine.memory_kb(pid) / 1024)
            count, is_over = people.ask(inside.sent, announcement)
        seconds, spent = time.monotonic() - started, machine.cpu_seconds(pid) - cpu
    told = people.ask(inside.told, announcement)
    return {
        "seconds": round(seconds, 1),
        "people_per_s": round((count - before) / seconds, 1),
        "cpu_us_per_person": round(spent / max(1, count - before) * 1e6),
        "first_mb": round(first_mb, 1),
        "most_mb": round(most_mb, 1),
        "missing": people.members - told.both,
        "doubled": told.receipts + told.notifications - 2 * told.both,
    }


def expect_in_time(began: float, people: People) -> None:
    """Wait a moment; RuntimeError when there was time enough."""
    if time.monotonic() - began > LIMIT:
        log = (people.directory / "worker.log").read_text()
        raise RuntimeError(f"it is not sent after {LIMIT:.0f} s: {log[-2000:]}")
    time.sleep(0.2)


def verdicts(rows: list[Row]) -> list[str]:
    """Say how the memory grows with the people, on each database."""
    lines = []
    for database in dict.fromkeys(row["database"] for row in rows):
        same = [row for row in rows if row["database"] == database]
        few, many = (choose(same, key=lambda row: row["people"]) for choose in (min, max))
        if few is not many:
            ratio = many["most_mb"] / few["most_mb"]
            lines.append(
                f"{database}: {many['people']:,} people take {ratio:.2f} times the memory of {few['people']:,}"
                f" (at most {FLAT} is {'met' if ratio <= FLAT else 'MISSED'})"
            )
    return lines
