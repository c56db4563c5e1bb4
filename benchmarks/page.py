"""`bin/bench page`: a chat opened, scrolled back and caught up with, and posted in; and a process's first requests.

Cold is what a process does that has shown other chats, but none of these messages; warm, what it has shown them before.
"""

import argparse
import gzip
import http.client
import re
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks import counters, databases, inside, tables
from benchmarks.people import People
from benchmarks.posters import Poster
from benchmarks.stacks import BELLWIRES, Bellwire, BellwireUvicorn
from benchmarks.tables import Column, Row, percentile

HELP = "a chat opened, scrolled back and caught up with, cold and warm; a process's first page and post"
COLUMNS = [
    Column("database", "database", width=10),
    Column("what", "what", width=11),
    Column("state", "state", width=6),
    Column("cpu_ms", "CPU ms", tables.tenths),
    Column("p50_ms", "p50 ms", tables.tenths),
    Column("queries", "queries", tables.tenths),
    Column("bytes", "bytes sent", tables.whole),
]
MESSAGES = 100
"""In each chat: a page shows 50, and there are as many before them."""
WARM_UP = 20
TARGET = 2.0
"""How much longer a process's first page and post may take than later ones."""


class Answer(NamedTuple):
    """What came, how long it took, and how many bytes it was on its way."""

    text: str
    seconds: float
    size: int


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    command.add_argument("--chats", type=int, default=40, help="how many are opened")
    command.add_argument("--times", type=int, default=5, help="how often each is opened again")
    command.add_argument("--starts", type=int, default=5, help="how often the server is started for its first requests")
    command.add_argument("--stack", choices=list(BELLWIRES), default=BellwireUvicorn.name)
    databases.add_arguments(command, default=databases.SQLITE)


def run(arguments: argparse.Namespace) -> Iterator[Row]:
    """Measure on each database, new for it."""
    for database in databases.answering(arguments.databases, arguments.database_url):
        with (
            databases.fresh(database, arguments.database_url) as url,
            People(0, members=20, signed_in=2, database_url=url) as people,
        ):
            chats = people.ask(fill_chats, 2 * arguments.chats)
            stack = BELLWIRES[arguments.stack](people, people.directory / "server.log")
            stack.settings = "benchmarks.counting"
            with stack:
                for row in measure(stack, chats, arguments):
                    yield {"database": database, **row}


def fill_chats(count: int) -> list[int]:
    """Make so many rooms in which the first two people have said something; return their primary keys."""
    from django.contrib.auth.models import User

    from messaging.models import Chat, Membership, Message

    people = list(User.objects.order_by("pk")[:2])
    html = "<p>The new front page is on staging, have a <strong>look</strong> when you find a minute.</p>"
    rooms = [Chat.objects.create(name=f"Room {number}", seq=MESSAGES, last_number=MESSAGES) for number in range(count)]
    for chat in rooms:
        Membership.objects.bulk_create(Membership(chat=chat, user=user, read_number=MESSAGES) for user in people)
        said = {number: people[number // 3 % 2] for number in range(1, MESSAGES + 1)}
        Message.objects.bulk_create(
            Message(chat=chat, author=user, number=at, created_seq=at, changed_seq=at, body=inside.TEXT, html=html)
            for at, user in said.items()
        )
    # Whoever has just been made is not told of what has just been said.
    Message.objects.update(notified_at="2026-01-01T00:00:00Z")
    # A page of theirs lists what is usual.
    Membership.objects.filter(chat__in=rooms[12:], user=people[1]).delete()
    return [chat.pk for chat in rooms]


def measure(stack: Bellwire, chats: list[int], arguments: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for everything that is asked, cold and warm, and for the first requests of new processes."""
    opened, caught_up = chats[: arguments.chats], chats[arguments.chats :]
    reader = Reader(stack)
    changes = reader.address_of_changes(stack.people.chat_pk)
    asked: dict[str, Callable[[int], Answer]] = {
        "open": lambda number: reader.get(f"/chats/{opened[number]}/?at=end"),
        "scroll back": lambda number: reader.get(f"/chats/{opened[number]}/?before={MESSAGES // 2 + 1}", is_htmx=True),
        "catch up": lambda number: reader.get(f"{changes(caught_up[number])}?after={MESSAGES // 2}", is_htmx=True),
    }
    for what, ask in asked.items():
        for _ in range(WARM_UP):
            reader.get(f"/chats/{stack.people.chat_pk}/?at=end")
            reader.get(f"/chats/{stack.people.chat_pk}/?before=2", is_htmx=True)
        for state, times in (("cold", 1), ("warm", arguments.times)):
            numbers = [number for _ in range(times) for number in range(arguments.chats)]
            yield {"what": what, "state": state} | asking(stack, numbers, ask)
    poster = Poster(stack.port, stack.people.chat_pk, stack.people.sessions[0])
    numbers = list(range(arguments.chats * arguments.times))
    asking(stack, numbers[:WARM_UP], lambda _: post(poster))
    yield {"what": "post", "state": "warm"} | asking(stack, numbers, lambda _: post(poster))
    pk = stack.people.chat_pk
    firsts = {"open": lambda _: reader.get(f"/chats/{pk}/?at=end"), "post": lambda _: post(poster)}
    for what, ask in firsts.items():
        yield {"what": what, "state": "first"} | first(stack, poster, reader, ask, arguments.starts)


def asking(stack: Bellwire, numbers: list[int], ask: Callable[[int], Answer]) -> Row:
    """Return what it costs to ask so many times."""
    directory = stack.people.directory
    cpu, queries = stack.cpu_seconds(), counters.total(directory, "queries")
    answers = [ask(number) for number in numbers]
    return {
        "cpu_ms": round((stack.cpu_seconds() - cpu) / len(numbers) * 1e3, 2),
        "p50_ms": round(percentile([answer.seconds for answer in answers], 0.5) * 1e3, 2),
        "queries": round((counters.total(directory, "queries") - queries) / len(numbers), 1),
        "bytes": round(sum(answer.size for answer in answers) / len(answers)),
    }


def first(stack: Bellwire, poster: Poster, reader: "Reader", ask: Callable[[int], Answer], starts: int) -> Row:
    """Return what the first request of a new process costs, in the middle of several starts."""
    rows = []
    for _ in range(starts):
        stack.kill()
        stack.start()
        for connection in (poster.connection, reader.connection):
            connection.close()
        rows.append(asking(stack, [0], ask))
    return {name: percentile([row[name] for row in rows], 0.5) for name in rows[0]}


def post(poster: Poster) -> Answer:
    """Send a message."""
    sent = poster.post(time.monotonic_ns())
    if not sent.accepted:
        raise RuntimeError("a post was refused")
    return Answer("", sent.took / 1e9, 0)


class Reader:
    """Somebody's browser, which takes what is compressed."""

    def __init__(self, stack: Bellwire) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=60)
        self.headers = {"Cookie": f"sessionid={stack.people.sessions[1]}", "Accept-Encoding": "gzip"}

    def get(self, address: str, is_htmx: bool = False) -> Answer:
        """Fetch a page, or a part of one."""
        began = time.perf_counter()
        self.connection.request("GET", address, headers=self.headers | ({"HX-Request": "true"} if is_htmx else {}))
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{address} was answered with {answer.status}")
        is_compressed = answer.headers.get("Content-Encoding") == "gzip"
        return Answer((gzip.decompress(body) if is_compressed else body).decode(), took, len(body))

    def address_of_changes(self, chat_pk: int) -> Callable[[int], str]:
        """Return how a chat's page asks for what it lacks."""
        page = self.get(f"/chats/{chat_pk}/").text
        found = re.search(rf'hx-get="(/[^"]*\b{chat_pk}\b[^"]*)"\s+hx-trigger="bellwire:poll', page)
        if not found:
            raise RuntimeError("the chat's page does not say where it polls")
        return lambda pk: re.sub(rf"\b{chat_pk}\b", str(pk), found[1])


def verdicts(rows: list[Row]) -> list[str]:
    """Say how much longer the first requests of a process take than later ones."""
    lines = []
    for row in rows:
        if row["state"] == "first":
            later = next(
                each
                for each in rows
                if (each["database"], each["what"], each["state"]) == (row["database"], row["what"], "warm")
            )
            ratio = row["p50_ms"] / later["p50_ms"]
            lines.append(
                f"{row['database']}: the first {row['what']} of a process takes {ratio:.1f} times a later one"
                f" (at most {TARGET} is {'met' if ratio <= TARGET else 'MISSED'})"
            )
    return lines
