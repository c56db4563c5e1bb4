"""`bin/bench many`: what pages cost the server in a site of ten people and rooms, and of very many."""

import argparse
import itertools
from collections.abc import Iterator

from benchmarks import databases, inside, tables
from benchmarks.people import People
from benchmarks.tables import Column, Row, percentile

HELP = "pages in a room of very many members, of somebody who is in very many rooms"
COLUMNS = [
    Column("database", "database", width=10),
    Column("members", "members", tables.whole),
    Column("rooms", "rooms", tables.whole),
    Column("page", "page", width=10),
    Column("p50_ms", "p50 ms", tables.tenths),
    Column("cpu_ms", "CPU ms", tables.tenths),
    Column("kb", "kB", tables.tenths),
    Column("queries", "queries"),
]
PAGES = {
    "chat": "/chats/{chat}/",
    "members": "/chats/{chat}/members/",
    "search": "/chats/{chat}/members/?q=member7",
    "home": "/",
    "people": "/people/",
    "rooms": "/rooms/all/",
    "own chats": "/chats/mine/",
}
WARM_UP = 3
MOST_TIMES = 1.5
MOST_KB = 100


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--members", type=tables.numbers, default=[10, 10_000], help="how many, like 10,10000")
    command.add_argument("--rooms", type=tables.numbers, default=[10, 2_000], help="with these, how many rooms")
    command.add_argument("--times", type=int, default=30, help="how often each page is opened")
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Open each page again and again, in sites of each size on each database."""
    found = databases.answering(arguments.databases, arguments.database_url)
    sizes = list(zip(arguments.members, arguments.rooms, strict=True))
    for database, (members, rooms) in itertools.product(found, sizes):
        with databases.fresh(database, arguments.database_url) as url, People(0, members, database_url=url) as people:
            people.ask(inside.fill_rooms, people.chat_pk, rooms)
            people.ask(inside.analyze)
            for page, address in PAGES.items():
                size = {"database": database, "members": members, "rooms": rooms, "page": page}
                yield size | _measure(people, address.format(chat=people.chat_pk), arguments.times)


def _measure(people: People, address: str, times: int) -> Row:
    opened = [people.ask(inside.open_page, people.sessions[0], address) for _ in range(WARM_UP + times)][WARM_UP:]
    return {
        "p50_ms": round(percentile([each.seconds for each in opened], 0.5) * 1e3, 1),
        "cpu_ms": round(percentile([each.cpu_seconds for each in opened], 0.5) * 1e3, 1),
        "kb": round(max(each.size for each in opened) / 1e3, 1),
        "queries": max(each.queries for each in opened),
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Say how much dearer each page is in the largest site than in the smallest, and how large."""
    lines = []
    for database, page in dict.fromkeys((row["database"], row["page"]) for row in rows):
        few, *_, many = [row for row in rows if (row["database"], row["page"]) == (database, page)]
        times = many["p50_ms"] / few["p50_ms"]
        is_met = times <= MOST_TIMES and many["kb"] <= MOST_KB
        lines.append(
            f"{database}: {page} with {many['members']:,} members and {many['rooms']:,} rooms takes {times:.2f} times"
            f" as long as with {few['members']:,} and has {many['kb']} kB"
            f" (at most {MOST_TIMES} times and {MOST_KB} kB is {'met' if is_met else 'MISSED'})"
        )
    return lines
