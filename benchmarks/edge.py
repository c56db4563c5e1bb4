"""`bin/bench edge`: messages posted by programs over the HTTP API, beside those of forms: same server, same chat.

And what it costs the server that programs listen by sockets, beside as many pages: a post of somebody else's process.
"""

import argparse
import itertools
import time
from collections.abc import Iterator

from benchmarks import databases, inside, machine, posters, tables
from benchmarks.client import Client
from benchmarks.people import People
from benchmarks.posters import Poster, Program
from benchmarks.stacks import BELLWIRES, Bellwire, BellwireUvicorn
from benchmarks.tables import Column, Row, percentile
from notifications.relay.programs import SUBPROTOCOL

HELP = "posts of programs over the API beside those of forms, and their sockets beside those of pages"
COLUMNS = [
    Column("database", "database", width=10),
    Column("way", "way"),
    Column("posts_per_s", "posts/s", tables.tenths),
    Column("sockets", "sockets", tables.whole),
    Column("p50_ms", "p50 ms", tables.tenths, width=8),
    Column("p99_ms", "p99 ms", tables.tenths, width=8),
    Column("cpu_ms_per_post", "server CPU ms", tables.hundredths),
    Column("failed", "failed", tables.whole),
]
WAYS: dict[str, type[Poster | Program]] = {"form": Poster, "api": Program}
TARGET = 1.5
"""How many times as many posts a second as by forms."""
LISTENERS = {"pages": ("", f"<p>{inside.POST_MARK}"), "programs": (SUBPROTOCOL, f'"text":"{inside.POST_MARK}')}
"""The subprotocol that they ask for, and what stands before the time of a message once in each frame."""
DEARER = 1.1
"""How many times as much a delivery to programs may cost as one to pages."""
POSTS_A_SECOND = 10
WARM_UP_SECONDS = 2.0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--members", type=int, default=100)
    command.add_argument("--users", type=int, default=8, help="how many of them write at once")
    command.add_argument("--sockets", type=int, default=1000, help="how many listen")
    command.add_argument("--rounds", type=int, default=3, help="how often each way is measured, in turn")
    command.add_argument("--seconds", type=float, default=10.0, help="how long each is")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure both ways in turn on each database; what changes on the machine meanwhile is in both."""
    machine.allow_files(arguments.sockets)
    for database in databases.answering(arguments.databases, arguments.database_url):
        with (
            databases.fresh(database, arguments.database_url) as url,
            People(0, arguments.members, arguments.users, url) as people,
        ):
            keys = {"form": people.sessions, "api": people.ask(inside.tokens, arguments.users)}
            with BELLWIRES[arguments.stack](people, people.directory / "server.log") as stack:
                for way in WAYS:
                    measure(stack, way, keys[way][: arguments.users], WARM_UP_SECONDS)
                for _ in range(arguments.rounds):
                    for way in WAYS:
                        row = measure(stack, way, keys[way][: arguments.users], arguments.seconds)
                        yield {"database": database, "way": way, "sockets": 0} | row
        with (
            databases.fresh(database, arguments.database_url) as url,
            People(arguments.sockets, database_url=url) as people,
        ):
            for _, listener in itertools.product(range(arguments.rounds), LISTENERS):
                with BELLWIRES[arguments.stack](people, people.directory / "server.log") as stack:
                    row = listen(stack, listener, arguments.sockets, arguments.seconds)
                yield {"database": database, "way": listener, "sockets": arguments.sockets} | row


def measure(stack: Bellwire, way: str, keys: list[str], seconds: float) -> Row:
    """Let each of them post for some seconds, as soon as the last one is answered."""
    writers = [WAYS[way](stack.port, stack.people.chat_pk, key) for key in keys]
    cpu, began = stack.cpu_seconds(), time.monotonic_ns()
    sent = posters.as_fast_as_it_goes(writers, seconds)
    accepted = [each.took / 1e6 for each in sent if each.accepted]
    if not accepted:
        raise RuntimeError(f"none of {len(sent)} posts was accepted: {stack.log.read_text()[-2000:]}")
    took = (max(each.stamp + each.took for each in sent) - began) / 1e9
    return {
        "posts_per_s": round(len(accepted) / took, 1),
        "p50_ms": round(percentile(accepted, 0.5), 1),
        "p99_ms": round(percentile(accepted, 0.99), 1),
        "cpu_ms_per_post": round((stack.cpu_seconds() - cpu) / len(accepted) * 1e3, 2),
        "failed": len(sent) - len(accepted),
    }


def listen(stack: Bellwire, listener: str, sockets: int, seconds: float) -> Row:
    """Let so many listen to a chat, in which something is said at a steady pace by a process other than the server."""
    people, (subprotocol, mark) = stack.people, LISTENERS[listener]
    # From here on: what was said before is no part of this.
    seq = people.ask(inside.seq, people.chat_pk)
    targets = [(f"{url.partition('?')[0]}?after={seq}", key) for url, key in stack.targets(sockets)]
    with Client("load", targets=targets, mark=mark, hello=[], greets=True, subprotocol=subprotocol) as load:
        people.ask(inside.say_the_time, people.chat_pk, POSTS_A_SECOND, POSTS_A_SECOND)
        load.ask("start")
        cpu, began, count = stack.cpu_seconds(), time.monotonic_ns(), round(seconds * POSTS_A_SECOND)
        people.ask(inside.say_the_time, people.chat_pk, count, POSTS_A_SECOND)
        seen = load.ask(f"stop {count}")
        spent = stack.cpu_seconds() - cpu
    return {
        "posts_per_s": round(count / ((seen["last_ns"] - began) / 1e9), 1),
        "p50_ms": seen["p50_ms"],
        "p99_ms": seen["p99_ms"],
        "cpu_ms_per_post": round(spent / count * 1e3, 2),
        "failed": seen["lost"],
    }


def verdicts(rows: list[Row]) -> list[str]:
    """Compare for each database the best rounds of programs with those of people."""
    lines = []
    for database in dict.fromkeys(row["database"] for row in rows):
        ways = {
            way: [row for row in rows if (row["database"], row["way"]) == (database, way)]
            for way in (*WAYS, *LISTENERS)
        }
        form, api = (max(row["posts_per_s"] for row in ways[way]) for way in WAYS)
        pages, programs = (min(row["cpu_ms_per_post"] for row in ways[way]) for way in LISTENERS)
        ratio, dearer = api / form, programs / pages
        lines += [
            f"{database}: {api:,.0f} posts/s over the API, {ratio:.2f} times the {form:,.0f} of forms"
            f" (at least {TARGET} is {'met' if ratio >= TARGET else 'MISSED'})",
            f"{database}: a delivery to {ways['programs'][0]['sockets']:,} programs costs {dearer:.2f} times"
            f" the CPU of one to as many pages (at most {DEARER} is {'met' if dearer <= DEARER else 'MISSED'})",
        ]
    return lines
