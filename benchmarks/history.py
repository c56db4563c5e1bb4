"""`bin/bench history`: what a chat costs that has very many messages, half of them with reactions, files or threads.

And what a post costs in a chat of very many people.

Warm is what was shown before in the same process; cold is rendered anew each time.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import databases, inside, long_chat, tables
from benchmarks.people import People
from benchmarks.tables import Column, Row, percentile

HELP = "a chat of very many messages opened, turned, and gone into by a link and by a date"
COLUMNS = [
    Column("database", "database", width=10),
    Column("messages", "messages", tables.whole),
    Column("people", "people", tables.whole),
    Column("what", "what", width=12),
    Column("state", "state", width=6),
    Column("cpu_ms", "CPU ms", tables.tenths),
    Column("p50_ms", "p50 ms", tables.tenths),
    Column("queries", "queries"),
]
WHAT = {
    "open": ("/chats/{chat}/?at=end", False),
    "older": ("/chats/{chat}/?before={middle}", True),
    "newer": ("/chats/{chat}/?after={middle}", True),
    "by a link": ("/chats/{chat}/?at={middle}", False),
    "by a date": ("/chats/{chat}/?on={date}", False),
}
"""What is asked for, and whether only for what htmx puts into a page."""
FEW = 10
"""So many people are in a chat of many messages."""
WARM_UP = 3
MOST_TIMES = 1.5
POST = "post"
MOST_TIMES_A_POST = 1.1


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--messages", type=tables.numbers, default=[100, 100_000], help="how many, like 100,100000")
    command.add_argument(
        "--people", type=tables.numbers, default=[10, 1000], help="in whose chats is posted, like 10,1000"
    )
    command.add_argument("--times", type=int, default=30, help="how often each is asked for")
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Ask for each part again and again, in chats of each size on each database; and post."""
    found = databases.answering(arguments.databases, arguments.database_url)
    for database, messages in itertools.product(found, arguments.messages):
        with databases.fresh(database, arguments.database_url) as url, People(0, FEW, database_url=url) as people:
            chat, date = people.ask(long_chat.fill_history, messages)
            people.ask(inside.analyze)
            for what, (address, is_htmx) in WHAT.items():
                path = address.format(chat=chat, middle=messages // 2, date=date)
                for state in ("cold", "warm"):
                    size = {"database": database, "messages": messages, "people": FEW, "what": what, "state": state}
                    yield size | _measure(people, arguments.times, inside.open_page, path, is_htmx, state == "cold")
    for database, members in itertools.product(found, arguments.people):
        with databases.fresh(database, arguments.database_url) as url, People(0, members, database_url=url) as people:
            size = {"database": database, "messages": 1, "people": members, "what": POST, "state": "warm"}
            yield size | _measure(people, arguments.times, inside.post_form, people.chat_pk)


def _measure(people: People, times: int, ask: Callable[..., Any], *about: Any) -> Row:
    asked = [people.ask(ask, people.sessions[0], *about) for _ in range(WARM_UP + times)]
    return {
        "cpu_ms": round(percentile([each.cpu_seconds for each in asked[WARM_UP:]], 0.5) * 1e3, 1),
        "p50_ms": round(percentile([each.seconds for each in asked[WARM_UP:]], 0.5) * 1e3, 1),
        # Once in a while one more is noted, as that a device is still in use.
        "queries": percentile([each.queries for each in asked[WARM_UP:]], 0.5),
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Say how much dearer each part is in the largest chat than in the smallest, and a post in that of most people."""
    lines = []
    for database, what, state in dict.fromkeys((row["database"], row["what"], row["state"]) for row in rows):
        few, *_, many = [row for row in rows if (row["database"], row["what"], row["state"]) == (database, what, state)]
        size, most = ("people", MOST_TIMES_A_POST) if what == POST else ("messages", MOST_TIMES)
        times = many["cpu_ms"] / few["cpu_ms"]
        is_met = times <= most and many["queries"] <= few["queries"]
        lines.append(
            f"{database}: {what}, {state}, with {many[size]:,} {size} takes {times:.2f} times the CPU of"
            f" {few[size]:,} and {many['queries']} queries beside {few['queries']}"
            f" (at most {most} times and no query more is {'met' if is_met else 'MISSED'})"
        )
    return lines
