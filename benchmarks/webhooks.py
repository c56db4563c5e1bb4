"""`bin/bench webhooks`: how late programs hear what is said in a chat, while some others that are told hang."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import databases, inside, tables
from benchmarks.hearers import HANGING
from benchmarks.people import People
from benchmarks.posters import Poster
from benchmarks.stacks import BELLWIRES, BellwireUvicorn, free_port
from benchmarks.tables import Column, Row, percentile
from benchmarks.workers import worker

HELP = "how late webhooks are, while some receivers hang"
COLUMNS = [
    Column("database", "database", width=10),
    Column("hooks", "webhooks", tables.whole),
    Column("hanging", "hanging", tables.whole),
    Column("messages", "messages", tables.whole),
    Column("heard", "heard", tables.whole),
    Column("late_p50_ms", "late p50 ms", tables.tenths),
    Column("late_p99_ms", "late p99 ms", tables.tenths),
    Column("late_max_ms", "late max ms", tables.tenths),
]
LATER = 1000
"""By so many ms those that hang may delay the others."""
AFTERWARDS = 15.0
"""Seconds after the last message in which it may still be heard."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--hooks", type=int, default=100, help="how many webhooks the chat has")
    command.add_argument("--hanging", type=int, default=20, help="how many of them hang in the second measurement")
    command.add_argument("--messages", type=int, default=30, help="how many messages are posted")
    command.add_argument("--every", type=float, default=1.0, help="seconds from one message to the next")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)
    databases.add_arguments(command, default=databases.SQLITE)


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure with nobody who hangs, and then with some."""
    os.environ["WEBHOOKS_ALLOW_PRIVATE"] = "on"
    for database in databases.answering(arguments.databases, arguments.database_url):
        for hanging in (0, arguments.hanging):
            with databases.fresh(database, arguments.database_url) as url, People(0, 2, database_url=url) as people:
                stack = BELLWIRES[arguments.stack](people, people.directory / "server.log")
                with worker(people.directory / "worker.log"), stack, hearing() as (address, late):
                    hear(people, address, arguments.hooks, hanging)
                    post(stack.port, people, arguments.messages, arguments.every)
            yield {"database": database, "hooks": arguments.hooks, "hanging": hanging} | heard(
                late, arguments.messages, arguments.hooks - hanging
            )


def hear(people: People, address: str, hooks: int, hanging: int) -> None:
    """Make the webhooks."""
    urls = [f"{address}{HANGING}"] * hanging + [f"{address}/"] * (hooks - hanging)
    people.ask(inside.hook, people.chat_pk, urls)


@contextmanager
def hearing() -> Iterator[tuple[str, list[int]]]:
    """Run the receivers; afterwards the list says how late each message was, in ns."""
    port, late = free_port(), list[int]()
    command = [sys.executable, "-m", "benchmarks.hearers", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}", late
        time.sleep(AFTERWARDS)
        said, _ = process.communicate()
        late += map(int, said.split())


def post(port: int, people: People, messages: int, every: float) -> None:
    """Say something at a steady pace."""
    writer = Poster(port, people.chat_pk, people.sessions[0])
    for _ in range(messages):
        if not writer.post(time.monotonic_ns()).accepted:
            raise RuntimeError("a post was refused")
        time.sleep(every)


def heard(late: list[int], messages: int, good: int) -> Row:
    """Return how late the messages were; those that were not heard at all are a problem."""
    row: Row = {"messages": messages, "heard": len(late)}
    row |= {f"late_{name}_ms": round(value / 1e6, 1) for name, value in _spread(late or [0]).items()}
    if len(late) != messages * good:
        row["problems"] = [f"{messages * good - len(late)} were not heard"]
    return row


def _spread(late: list[int]) -> dict[str, float]:
    return {"p50": percentile(late, 0.5), "p99": percentile(late, 0.99), "max": max(late)}


def verdicts(rows: list[Row]) -> list[str]:
    """Compare with the measurement in which nobody hangs."""
    lines = []
    for row in rows:
        quiet = next(each for each in rows if each["database"] == row["database"])
        if row is not quiet and row["heard"] and quiet["heard"]:
            later = row["late_max_ms"] - quiet["late_max_ms"]
            lines.append(
                f"{row['database']}: {row['hanging']} of {row['hooks']} that hang delay the last of the others by"
                f" {later:.0f} ms (at most {LATER} is {'met' if later <= LATER else 'MISSED'})"
            )
    return lines
