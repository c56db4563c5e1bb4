"""`bin/bench tray`: how long the server takes to open the tray of notifications, with ever more of them."""

import argparse
import itertools
from collections.abc import Iterator

from benchmarks import databases, inside, tables
from benchmarks.people import People
from benchmarks.tables import Column, Row, percentile

HELP = "the tray of somebody who has very many notifications"
COLUMNS = [
    Column("database", "database", width=10),
    Column("notifications", "notifications", tables.whole),
    Column("p50_ms", "p50 ms", tables.tenths),
    Column("p99_ms", "p99 ms", tables.tenths, width=8),
    Column("cpu_ms", "CPU ms", tables.tenths),
    Column("queries", "queries"),
]
WARM_UP = 5
TARGET_MS = 50


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument(
        "--notifications", type=tables.numbers, default=[100, 10_000], help="how many there are, like 100,10000"
    )
    command.add_argument("--times", type=int, default=50, help="how often it is opened")
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Open the tray again and again, with each number of notifications on each database, new for it."""
    found = databases.answering(arguments.databases, arguments.database_url)
    for database, count in itertools.product(found, arguments.notifications):
        with databases.fresh(database, arguments.database_url) as url, People(0, database_url=url) as people:
            people.ask(inside.fill_inbox, count)
            yield {"database": database, "notifications": count} | measure(people, arguments.times)


def measure(people: People, times: int) -> Row:
    """Return how long it took, in the middle and at worst."""
    opened = [people.ask(inside.open_tray, people.sessions[0]) for _ in range(WARM_UP + times)][WARM_UP:]
    seconds = [each.seconds for each in opened]
    return {
        "p50_ms": round(percentile(seconds, 0.5) * 1e3, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1e3, 1),
        "cpu_ms": round(sum(each.cpu_seconds for each in opened) / times * 1e3, 1),
        "queries": max(each.queries for each in opened),
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Say whether it opens soon enough."""
    return [
        f"{row['database']}: the tray opens in {row['p50_ms']} ms among {row['notifications']:,} notifications"
        f" (at most {TARGET_MS} is {'met' if row['p50_ms'] <= TARGET_MS else 'MISSED'})"
        for row in rows
    ]
