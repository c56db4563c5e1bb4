"""`bin/bench sidebar`: what is pushed to the list of chats of a person in a few chats, and of one in very many."""

import argparse
import itertools
from collections.abc import Iterator

from benchmarks import databases, inside, tables
from benchmarks.people import People
from benchmarks.tables import Column, Row, percentile

HELP = "pushes to the list of chats of a person in a few chats, and of one in very many"
COLUMNS = [
    Column("database", "database", width=10),
    Column("chats", "chats", tables.whole),
    Column("push", "push", width=10),
    Column("p50_ms", "p50 ms", tables.hundredths),
    Column("cpu_ms", "CPU ms", tables.hundredths),
    Column("kb", "kB", tables.tenths),
    Column("queries", "queries"),
]
DEEDS = ("message", "mention", "read", "entry", "folding", "list")
"""What is pushed; the last is the whole list, which comes when much has changed, and has at most 30 chats."""
WARM_UP = 5
MOST_TIMES = 1.5


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--chats", type=tables.numbers, default=[5, 500], help="in how many the person is, like 5,500")
    command.add_argument("--times", type=int, default=50, help="how often each is pushed")
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Push each again and again, for a person in so many chats on each database."""
    found = databases.answering(arguments.databases, arguments.database_url)
    for database, chats in itertools.product(found, arguments.chats):
        with databases.fresh(database, arguments.database_url) as url, People(0, 2, database_url=url) as people:
            people.ask(inside.fill_rooms, people.chat_pk, chats - 1)
            people.ask(inside.analyze)
            for deed in DEEDS:
                yield {"database": database, "chats": chats, "push": deed} | _measure(people, deed, arguments.times)


def _measure(people: People, deed: str, times: int) -> Row:
    pushed = [people.ask(inside.push_to_list, deed, people.chat_pk) for _ in range(WARM_UP + times)][WARM_UP:]
    return {
        "p50_ms": round(percentile([each.seconds for each in pushed], 0.5) * 1e3, 3),
        "cpu_ms": round(percentile([each.cpu_seconds for each in pushed], 0.5) * 1e3, 3),
        "kb": round(max(each.size for each in pushed) / 1e3, 1),
        "queries": max(each.queries for each in pushed),
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Say how much dearer each push is for the person in most chats than for the one in fewest."""
    lines = []
    for database, push in dict.fromkeys((row["database"], row["push"]) for row in rows):
        few, *_, many = [row for row in rows if (row["database"], row["push"]) == (database, push)]
        times = many["p50_ms"] / few["p50_ms"]
        lines.append(
            f"{database}: {push} of a person in {many['chats']:,} chats takes {times:.2f} times as long as of one in"
            f" {few['chats']:,} (at most {MOST_TIMES} times is {'met' if times <= MOST_TIMES else 'MISSED'})"
        )
    return lines
