"""`bin/bench uploads`: what others notice, and what the web server's memory does, while large files are sent."""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import databases, tables
from benchmarks.people import People
from benchmarks.posters import Poster
from benchmarks.stacks import BELLWIRES, Bellwire, BellwireUvicorn
from benchmarks.tables import Column, Row, percentile
from benchmarks.workers import worker

HELP = "posts while large files are sent, and the server's memory"
COLUMNS = [
    Column("stack", "stack", width=18),
    Column("database", "database", width=10),
    Column("uploads", "uploads", tables.whole),
    Column("post_p50_ms", "post p50 ms", tables.tenths),
    Column("post_p99_ms", "post p99 ms", tables.tenths),
    Column("memory_mb", "memory MB", tables.whole),
    Column("taken", "files taken", tables.whole),
    Column("refused", "refused", tables.whole),
]
EVERY = 0.1
"""Seconds from one post to the next: its author hurries nobody."""
WARM_UP_SECONDS = 2.0
SLOWER, MORE_MB = 2.0, 10
"""How much later the last of a hundred posts may be answered, and how much more memory one file may take."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--uploads", type=tables.numbers, default=[1, 10], help="how many at once, like 1,10")
    command.add_argument("--megabytes", type=int, default=100, help="how large each file is")
    command.add_argument("--seconds", type=float, default=20.0, help="how long each measurement takes")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)
    databases.add_arguments(command, default=databases.SQLITE)


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure a quiet site, and then with so many who send."""
    for database in databases.answering(arguments.databases, arguments.database_url):
        for uploads in (0, *arguments.uploads):
            with (
                databases.fresh(database, arguments.database_url) as url,
                People(0, 2, signed_in=2, database_url=url) as people,
            ):
                stack = BELLWIRES[arguments.stack](people, people.directory / "server.log")
                with worker(people.directory / "worker.log"), stack:
                    row = measure(stack, uploads, arguments.megabytes, arguments.seconds)
                yield {"stack": arguments.stack, "database": database} | row


def measure(stack: Bellwire, uploads: int, megabytes: int, seconds: float) -> Row:
    """Return what somebody who writes notices, and what the process takes."""
    writer = Poster(stack.port, stack.people.chat_pk, stack.people.sessions[0])
    post(writer, WARM_UP_SECONDS)
    with sending(stack, uploads, megabytes) as taken:
        took = post(writer, seconds)
        memory = stack.memory_kb()
    return {
        "uploads": uploads,
        "post_p50_ms": round(percentile(took, 0.5) * 1e3, 1),
        "post_p99_ms": round(percentile(took, 0.99) * 1e3, 1),
        "memory_mb": round(memory / 1024),
        "taken": taken[0] if taken else 0,
        "refused": taken[1] if taken else 0,
    }


@contextmanager
def sending(stack: Bellwire, uploads: int, megabytes: int) -> Iterator[list[int]]:
    """Have files sent meanwhile; afterwards the list says how many were taken and how many were not."""
    taken: list[int] = []
    if not uploads:
        yield taken
        return
    about = [stack.port, uploads, megabytes, stack.people.chat_pk, stack.people.sessions[1]]
    command = [sys.executable, "-m", "benchmarks.uploaders", *map(str, about)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()  # type: ignore[union-attr]  # a pipe
        yield taken
        said, _ = process.communicate()
        taken += map(int, said.split())


def post(writer: Poster, seconds: float) -> list[float]:
    """Post for some seconds; return how many seconds each took."""
    took = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sent = writer.post(time.monotonic_ns())
        if not sent.accepted:
            raise RuntimeError("a post was refused")
        took.append(sent.took / 1e9)
        time.sleep(EVERY)
    return took


def verdicts(rows: list[Row]) -> list[str]:
    """Compare each measurement with the quiet one of the same database."""
    lines = []
    for row in rows:
        quiet = next(each for each in rows if each["database"] == row["database"] and not each["uploads"])
        if row is not quiet:
            slower, more = row["post_p99_ms"] / quiet["post_p99_ms"], row["memory_mb"] - quiet["memory_mb"]
            most = MORE_MB * row["uploads"]
            lines.append(
                f"{row['database']}: while {row['uploads']} send, the p99 of a post is {slower:.2f} times the quiet one"
                f" (at most {SLOWER} is {'met' if slower <= SLOWER else 'MISSED'}), and the process takes {more:+} MB"
                f" (at most +{most} is {'met' if more <= most else 'MISSED'})"
            )
    return lines
