"""`bin/bench doors`: what others notice while many guess passwords, from one address and from many."""

import argparse
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import databases, inside, tables
from benchmarks.people import People
from benchmarks.posters import Poster
from benchmarks.stacks import BELLWIRES, Bellwire, BellwireUvicorn
from benchmarks.tables import Column, Row, percentile
from benchmarks.workers import worker

HELP = "a chat's page and posts while many guess passwords"
COLUMNS = [
    Column("database", "database", width=10),
    Column("guessers", "guessers", tables.whole),
    Column("addresses", "addresses", tables.whole),
    Column("page_p50_ms", "page p50 ms", tables.tenths),
    Column("post_p50_ms", "post p50 ms", tables.tenths),
    Column("health_p50_ms", "health p50 ms", tables.tenths),
    Column("memory_mb", "memory MB", tables.whole),
    Column("guesses_per_s", "guesses judged/s", tables.tenths),
    Column("refused_per_s", "refused/s", tables.tenths),
]
EVERY = 0.25
"""Seconds from one look of the others to the next: they are few, and hurry nobody."""
WARM_UP_SECONDS = 2.0
SLOWER, MORE_MB = 1.5, 150
"""How much slower others' pages and posts may become, and how much more memory the process may take."""
JUDGED, REFUSED = {"200", "422"}, {"429", "503"}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--guessers", type=int, default=64, help="how many guess at once")
    command.add_argument("--seconds", type=float, default=15.0, help="how long each measurement takes")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)
    databases.add_arguments(command, default=",".join(databases.NAMES))


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure a quiet site, then with guessers of one address, then with guessers of an address each."""
    for database in databases.answering(arguments.databases, arguments.database_url):
        for guessers, addresses in ((0, 0), (arguments.guessers, 1), (arguments.guessers, arguments.guessers)):
            with (
                databases.fresh(database, arguments.database_url) as url,
                People(0, max(1, guessers), database_url=url) as people,
            ):
                people.ask(inside.give_passwords)
                stack = BELLWIRES[arguments.stack](people, people.directory / "server.log")
                with worker(people.directory / "worker.log"), stack:
                    row = measure(stack, guessers, addresses, arguments.seconds)
                yield {"stack": arguments.stack, "database": database} | row


def measure(stack: Bellwire, guessers: int, addresses: int, seconds: float) -> Row:
    """Return what somebody who reads and writes notices, and what the process takes."""
    look(stack, WARM_UP_SECONDS)
    with guessing(stack.port, guessers, addresses) as answers:
        began = time.monotonic()
        pages, posts, health = look(stack, seconds)
        memory = stack.memory_kb()
    took = time.monotonic() - began
    return {
        "guessers": guessers,
        "addresses": addresses,
        "page_p50_ms": round(percentile(pages, 0.5) * 1e3, 1),
        "post_p50_ms": round(percentile(posts, 0.5) * 1e3, 1),
        "health_p50_ms": round(percentile(health, 0.5) * 1e3, 1),
        "memory_mb": round(memory / 1024),
        "guesses_per_s": round(sum(answers.get(status, 0) for status in JUDGED) / took, 1),
        "refused_per_s": round(sum(answers.get(status, 0) for status in REFUSED) / took, 1),
    }


@contextmanager
def guessing(port: int, guessers: int, addresses: int) -> Iterator[dict[str, int]]:
    """Have passwords guessed meanwhile; afterwards the dictionary says how often by which status that was answered."""
    answers: dict[str, int] = {}
    if not guessers:
        yield answers
        return
    command = [sys.executable, "-m", "benchmarks.guessers", str(port), str(guessers), str(addresses)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield answers
        said, _ = process.communicate()
        answers.update(json.loads(said))


def look(stack: Bellwire, seconds: float) -> tuple[list[float], list[float], list[float]]:
    """Open the chat's page, post into it and ask for its health by turns; return the seconds that each took."""
    people = stack.people
    writer = Poster(stack.port, people.chat_pk, people.sessions[0])
    pages, posts, health = [], [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pages.append(seconds_of(stack.port, f"/chats/{people.chat_pk}/", {"Cookie": f"sessionid={people.sessions[0]}"}))
        sent = writer.post(time.monotonic_ns())
        if not sent.accepted:
            raise RuntimeError(f"a post was refused: {stack.log.read_text()[-2000:]}")
        posts.append(sent.took / 1e9)
        health.append(seconds_of(stack.port, "/healthz", {}))
        time.sleep(EVERY)
    return pages, posts, health


def seconds_of(port: int, path: str, headers: dict[str, str]) -> float:
    """Return how long a page took, over a connection of its own."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered with {answer.status}")
    return time.monotonic() - began


def verdicts(rows: list[Row]) -> list[str]:
    """Compare each measurement with the quiet one of the same database."""
    lines = []
    for row in rows:
        quiet = next(each for each in rows if each["database"] == row["database"] and not each["guessers"])
        if row is not quiet:
            slower = max(row[name] / quiet[name] for name in ("page_p50_ms", "post_p50_ms"))
            more = row["memory_mb"] - quiet["memory_mb"]
            lines.append(
                f"{row['database']}: with {row['guessers']} who guess from {row['addresses']}"
                f" address{'es' if row['addresses'] > 1 else ''} others wait {slower:.2f} times as long"
                f" (at most {SLOWER} is {'met' if slower <= SLOWER else 'MISSED'}), and the process takes {more:+} MB"
                f" (at most +{MORE_MB} is {'met' if more <= MORE_MB else 'MISSED'})"
            )
    return lines
