"""`bin/bench reconnect`: all sockets lost at once, and the time until all are back with what was said meanwhile."""

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks import counters, inside, machine, stacks, tables
from benchmarks.client import Client
from benchmarks.load import DIGITS
from benchmarks.people import People
from benchmarks.stacks import BELLWIRES, Bellwire
from benchmarks.tables import Column, Row, percentile

HELP = "all sockets lost at once, and the time until all are back and whole"
COLUMNS = [
    Column("stack", "stack", width=16),
    Column("sockets", "sockets", tables.whole),
    Column("kind", "kind", width=6),
    Column("p50_ms", "whole p50 ms", tables.whole),
    Column("p99_ms", "p99 ms", tables.whole, width=8),
    Column("all_ms", "all ms", tables.whole, width=8),
    Column("cpu_ms_per_socket", "CPU ms each", tables.hundredths),
    Column("queries_per_socket", "queries each", tables.hundredths),
    Column("back", "back", tables.whole),
    Column("lost", "lost", tables.whole),
]
POSTS_BEFORE = 5
POSTS_MEANWHILE = 10
PAUSE = 0.1
"""Seconds between the messages that are posted meanwhile."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--sockets", type=tables.numbers, default=[1000, 5000], help="how many, like 1000,5000")
    command.add_argument("--stacks", type=partial(stacks.chosen, BELLWIRES), default=list(BELLWIRES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure each stack with each number of sockets, with connections cut and with the server killed."""
    machine.allow_files(max(arguments.sockets))
    for sockets, name in itertools.product(arguments.sockets, arguments.stacks):
        with People(sockets) as people:
            stack = BELLWIRES[name](people, people.directory / "server.log")
            stack.settings = "benchmarks.counting"
            with stack, Client("pages", targets=stack.targets(sockets), mark=inside.POST_MARK) as pages:
                for kind, lose in LOSSES.items():
                    yield {"stack": name, "sockets": sockets, "kind": kind} | measure(stack, pages, sockets, lose)


def measure(stack: Bellwire, pages: Client, sockets: int, lose: Callable[[Bellwire, Client], int]) -> Row:
    """Lose all connections while messages are posted, and wait until every page has them."""
    people = stack.people
    pages.ask(f"await {json.dumps(list(posted(people, POSTS_BEFORE)))}")
    pages.ask("forget")
    process, cpu = stack.process, stack.cpu_seconds()
    queries = counters.total(people.directory, "queries")
    with ThreadPoolExecutor(1) as aside:
        posting = aside.submit(lambda: list(posted(people, POSTS_MEANWHILE)))
        lost_at = lose(stack, pages)
        if stack.process is not process:
            cpu = stack.cpu_seconds()  # what its start has cost is not the sockets'
        seen = pages.ask(f"await {json.dumps(posting.result())}")
    whole = [(at - lost_at) / 1e6 for at in seen["whole_ns"] if at > lost_at]
    spent = stack.cpu_seconds() - cpu
    return {
        "p50_ms": round(percentile(whole, 0.5), 1),
        "p99_ms": round(percentile(whole, 0.99), 1),
        "all_ms": round(max(whole, default=0), 1),
        "cpu_ms_per_socket": round(spent / sockets * 1e3, 2),
        "queries_per_socket": round((counters.total(people.directory, "queries") - queries) / sockets, 2),
        "back": len(whole),
        "lost": seen["lost"],
    }


def posted(people: People, count: int) -> Iterator[int]:
    """Post some messages without the web server, which may be down; yield when each was sent."""
    for _ in range(count):
        stamp = time.monotonic_ns()
        people.ask(inside.post, people.chat_pk, f"{inside.TEXT} {inside.POST_MARK}{stamp:0{DIGITS}}")
        yield stamp
        time.sleep(PAUSE)


def cut(stack: Bellwire, pages: Client) -> int:
    """Have all pages lose their connections, as when a proxy or a network goes down; return when."""
    return int(pages.ask("drop")["at_ns"])


def kill(stack: Bellwire, pages: Client) -> int:
    """Kill the web server and start it again; return when it was killed."""
    killed_at = time.monotonic_ns()
    stack.kill()
    stack.start()
    return killed_at


LOSSES = {"cut": cut, "killed": kill}


def verdicts(rows: list[Row]) -> list[str]:
    """Say whether everybody came back."""
    return [
        f"{row['stack']}, {row['sockets']:,} sockets, {row['kind']}: only {row['back']:,} came back"
        for row in rows
        if row["back"] < row["sockets"]
    ]
