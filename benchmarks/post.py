"""`bin/bench post`: forms posted over HTTP into a chat with N sockets, on each database and with ever more members."""

import argparse
import itertools
import json
import time
from collections.abc import Iterator

from benchmarks import databases, inside, machine, posters, tables
from benchmarks.client import Client
from benchmarks.people import People
from benchmarks.posters import Poster
from benchmarks.stacks import BELLWIRES, Bellwire, BellwireUvicorn
from benchmarks.tables import Column, Row, percentile
from benchmarks.workers import worker

HELP = "forms posted into a chat with many sockets, by databases and members"
COLUMNS = [
    Column("database", "database", width=10),
    Column("members", "members", tables.whole),
    Column("sockets", "sockets", tables.whole),
    Column("rate", "wanted", tables.rate),
    Column("posts_per_s", "posts/s", tables.tenths),
    Column("post_p50_ms", "answer p50 ms", tables.tenths),
    Column("post_p99_ms", "p99 ms", tables.tenths, width=8),
    Column("p50_ms", "last socket p50 ms", tables.tenths),
    Column("p99_ms", "p99 ms", tables.tenths, width=8),
    Column("cpu_ms_per_post", "server CPU ms", tables.hundredths),
    Column("worker_cpu_ms_per_post", "worker CPU ms", tables.hundredths),
    Column("queries_per_post", "queries"),
    Column("failed", "failed", tables.whole),
    Column("lost", "lost", tables.whole),
]
MAX = "max"
WARM_UP_RATE, WARM_UP_SECONDS = 20, 3.0
TARGET = 1.3
"""How much more a post may cost among the most members than among the fewest."""
TASKS_LIMIT = 60.0
"""Seconds that the worker has for the tasks of one measurement."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--sockets", type=int, default=1000)
    command.add_argument("--members", type=tables.numbers, default=[100, 1000, 10_000], help="how many, like 100,1000")
    command.add_argument("--users", type=int, default=20, help="how many of them write")
    command.add_argument("--rates", type=rates, default=[20, MAX], help="posts a second, like 20,max")
    command.add_argument("--seconds", type=float, default=10.0, help="how long each rate is held")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)
    databases.add_arguments(command, default=",".join(databases.NAMES))


def rates(text: str) -> list[int | str]:
    """Return the rates in a list with commas; `max` is a rate too."""
    return [MAX if part == MAX else int(part) for part in text.split(",")]


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure each database with each number of members, both new for it."""
    machine.allow_files(arguments.sockets)
    found = databases.answering(arguments.databases, arguments.database_url)
    for database, members in itertools.product(found, arguments.members):
        with (
            databases.fresh(database, arguments.database_url) as url,
            People(arguments.sockets, members, arguments.users, url) as people,
        ):
            for row in measure(people, arguments):
                yield {"stack": arguments.stack, "database": database, "members": members} | row


def measure(people: People, arguments: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each rate, with the worker running beside the web server as in `bin/run`."""
    queries = people.ask(inside.queries_of_a_post, people.chat_pk, people.sessions[0])
    stack = BELLWIRES[arguments.stack](people, people.directory / "server.log")
    with worker(people.directory / "worker.log") as worker_pid, stack:
        targets = stack.targets(arguments.sockets)
        with Client("pages", targets=targets, mark=inside.POST_MARK) as pages:
            # The first posts of a process load templates and open files.
            post_and_watch(stack, pages, WARM_UP_RATE, WARM_UP_SECONDS, arguments)
            for rate in arguments.rates:
                wait_for_tasks(people)
                worker_cpu = machine.cpu_seconds(worker_pid)
                row = post_and_watch(stack, pages, rate, arguments.seconds, arguments)
                wait_for_tasks(people)
                spent = machine.cpu_seconds(worker_pid) - worker_cpu
                yield row | {
                    "worker_cpu_ms_per_post": round(spent / row["posts"] * 1e3, 2),
                    "queries_per_post": queries,
                }


def post_and_watch(
    stack: Bellwire, pages: Client, rate: int | str, seconds: float, arguments: argparse.Namespace
) -> Row:
    """Post at one rate and wait until every socket has everything."""
    people = stack.people
    writers = [Poster(stack.port, people.chat_pk, session) for session in people.sessions[: arguments.users]]
    pages.ask("forget")
    cpu, began = stack.cpu_seconds(), time.monotonic_ns()
    if isinstance(rate, int):
        sent = posters.at_rate(writers, rate, seconds)
    else:
        sent = posters.as_fast_as_it_goes(writers, seconds)
    accepted = [form for form in sent if form.accepted]
    if not accepted:
        raise RuntimeError(f"none of {len(sent)} posts was accepted: {stack.log.read_text()[-2000:]}")
    took = (max(form.stamp + form.took for form in sent) - began) / 1e9
    seen = pages.ask(f"await {json.dumps([form.stamp for form in accepted])}")
    spent = stack.cpu_seconds() - cpu
    answered = [form.took / 1e6 for form in accepted]
    shown = [(last - form.stamp) / 1e6 for form, last in zip(accepted, seen["last_ns"], strict=True) if last]
    return {
        "sockets": arguments.sockets,
        "rate": rate,
        "posts": len(accepted),
        "posts_per_s": round(len(accepted) / took, 1),
        "post_p50_ms": round(percentile(answered, 0.5), 1),
        "post_p99_ms": round(percentile(answered, 0.99), 1),
        "p50_ms": round(percentile(shown, 0.5), 1),
        "p99_ms": round(percentile(shown, 0.99), 1),
        "cpu_ms_per_post": round(spent / len(accepted) * 1e3, 2),
        "failed": len(sent) - len(accepted),
        "lost": seen["lost"],
    }


def wait_for_tasks(people: People) -> None:
    """Wait until the worker has dealt with every message; the first time, until it has started."""
    limit = time.monotonic() + TASKS_LIMIT
    while left := people.ask(inside.unnotified):
        if time.monotonic() > limit:
            log = (people.directory / "worker.log").read_text()
            raise RuntimeError(f"{left} tasks are left after {TASKS_LIMIT:.0f} s: {log[-2000:]}")
        time.sleep(0.2)


def verdicts(rows: list[Row]) -> list[str]:
    """Say how the cost of a post grows with the members, for each database and rate."""
    lines = []
    for database, rate in dict.fromkeys((row["database"], row["rate"]) for row in rows):
        same = [row for row in rows if (row["database"], row["rate"]) == (database, rate)]
        few, many = (choose(same, key=lambda row: row["members"]) for choose in (min, max))
        if few is not many:
            ratio = cost(many) / cost(few)
            lines.append(
                f"{database}, {tables.rate(rate)}: a post among {many['members']:,} members costs {ratio:.2f} times one"
                f" among {few['members']:,} (at most {TARGET} is {'met' if ratio <= TARGET else 'MISSED'}),"
                f" with {many['queries_per_post']} queries and {few['queries_per_post']}"
            )
    return lines


def cost(row: Row) -> float:
    """Return the CPU time of the server and the worker for a post."""
    return float(row["cpu_ms_per_post"] + row["worker_cpu_ms_per_post"])
