"""`bin/bench search`: what searching in very many messages costs, the worst cases included, and what it adds to a post.

Each search is a request for what htmx puts into the page. One person reads all 201 rooms, one every tenth, one a room
of 12 messages. CPU is that of the request's process: what PostgreSQL takes is only in the p50.
"""

import argparse
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from benchmarks import databases, inside, spoken, tables
from benchmarks.people import People
from benchmarks.tables import Column, Row, percentile

HELP = "searches in very many messages, by people who read much and little, and a post with and without the index"
COLUMNS = [
    Column("database", "database", width=10),
    Column("messages", "messages", tables.whole),
    Column("reads", "reads", width=11),
    Column("what", "what", width=38),
    Column("cpu_ms", "CPU ms", tables.tenths),
    Column("p50_ms", "p50 ms", tables.tenths),
    Column("queries", "queries"),
]
READERS = ("all rooms", "20 of 200", "12 messages")
WHAT = {
    "a rare word": '"zrare"',
    "a word in 30 %": '"zcommon"',
    "two common words": '"zcommon" "zsecond"',
    "a phrase, 1 in 500": '"zgreen zlantern"',
    "a prefix of 200 words, 5 %": "zpr",
    "a phrase ending in a prefix": '"zgreen zlan',
    "a word in 27 %, never in some rooms": '"zelsewhere"',
    "that and a word in 30 %": '"zelsewhere" "zcommon"',
    "a word of old messages only": '"zbygone"',
    "a phrase that never is, of common words": '"zcommon zoften"',
    "from: and a common word": 'from:member7 "zcommon"',
    "from: and a word never in some rooms": 'from:member7 "zelsewhere"',
    "in: and a common word": 'in:"room 10" "zcommon"',
    "before: and a word never in some rooms": 'before:{middle} "zelsewhere"',
    "after: and before:, one day": 'after:{middle} before:{later} "zcommon"',
    "from: alone": "from:member7",
    "in: alone": 'in:"room 10"',
    "in: alone, 12 messages": 'in:"room 200"',
    "before: alone": "before:{middle}",
    "after: alone": "after:{middle}",
    "after: and before: alone": "after:{middle} before:{later}",
    "a word that is nowhere": '"znowhere"',
}
MEMBERS = 50
WARM_UP = 2
POSTS_EACH = 6
"""So many times as often as a search a message is posted: the figures of posts lie close together."""
MOST_MS = 150
MOST_TIMES_A_POST = 1.1
WITH, WITHOUT = "a post, indexed", "a post, not indexed"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--messages", type=int, default=1_000_000, help="how many there are to search in")
    command.add_argument("--times", type=int, default=9, help="how often each search is made")
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Search for each thing as each reader, and post by turns with and without the index."""
    for database in databases.answering(arguments.databases, arguments.database_url):
        with (
            databases.fresh(database, arguments.database_url) as url,
            People(0, MEMBERS, signed_in=len(READERS), database_url=url) as people,
        ):
            middle, later = people.ask(spoken.fill, arguments.messages)
            people.ask(inside.analyze)
            about: Row = {"database": database, "messages": arguments.messages}
            for what, typed in WHAT.items():
                address = f"/search/?q={quote(typed.format(middle=middle, later=later))}"
                for session, reads in zip(people.sessions, READERS, strict=True):
                    asked = [
                        people.ask(inside.open_page, session, address, True) for _ in range(WARM_UP + arguments.times)
                    ]
                    yield about | {"reads": reads, "what": what} | _figures(asked[WARM_UP:])
            yield from _posts(people, about, POSTS_EACH * arguments.times)


def _posts(people: People, about: Row, times: int) -> Iterator[Row]:
    ways = {WITH: inside.post_form, WITHOUT: spoken.post_unindexed}
    asked: dict[str, list[Any]] = {what: [] for what in ways}
    for _ in range(WARM_UP + times):
        for what, way in ways.items():
            asked[what].append(people.ask(way, people.sessions[0], people.chat_pk))
    for what, found in asked.items():
        yield about | {"reads": READERS[0], "what": what} | _figures(found[WARM_UP:])


def _figures(asked: list[Any]) -> Row:
    return {
        "cpu_ms": round(percentile([each.cpu_seconds for each in asked], 0.5) * 1e3, 2),
        "p50_ms": round(percentile([each.seconds for each in asked], 0.5) * 1e3, 2),
        "queries": percentile([each.queries for each in asked], 0.5),
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Say what the slowest search takes on each database, and how much dearer a post is."""
    lines = []
    for database in dict.fromkeys(row["database"] for row in rows):
        own = [row for row in rows if row["database"] == database]
        slowest = max((row for row in own if row["what"] in WHAT), key=lambda row: row["p50_ms"])
        lines.append(
            f"{database}: the slowest search among {slowest['messages']:,} messages takes {slowest['p50_ms']:.0f} ms:"
            f" {slowest['what']}, by who reads {slowest['reads']}"
            f" (at most {MOST_MS} is {'met' if slowest['p50_ms'] <= MOST_MS else 'MISSED'})"
        )
        indexed, plain = (next(row for row in own if row["what"] == what)["p50_ms"] for what in (WITH, WITHOUT))
        times = indexed / plain
        lines.append(
            f"{database}: a post takes {times:.2f} times as long with the index"
            f" (at most {MOST_TIMES_A_POST} is {'met' if times <= MOST_TIMES_A_POST else 'MISSED'})"
        )
    return lines
