"""A database that makes people wait, and people who get in each other's way in it."""

import asyncio
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import psycopg

from tests.faults.crowd import Crowd, Reader, until
from tests.faults.ledger import Attempt, Ledger, Verdict
from tests.faults.page import Page
from tests.faults.registry import Size, fault
from tests.faults.site import TWO_SERVERS, Person, Site

AT_ONCE = 16
ROOMS = 2
GONE = 404


@fault(
    "F13",
    ordinary=Size(messages=120, readers=20, times=1, seconds=3),
    full=Size(messages=1000, readers=100, times=5, seconds=5),
)
async def database_busy(site: Site, size: Size, seed: int) -> Verdict:
    """Another process holds the database's write lock for seconds, again and again, while people post."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        for _ in range(size.times):
            before = len(ledger.acknowledged())
            with ledger.outage(), _write_lock(site):
                posting = asyncio.create_task(crowd.post(chat, size.messages // size.times, at_once=AT_ONCE))
                await asyncio.sleep(size.seconds)
                if len(ledger.acknowledged()) > before:
                    ledger.problems.append("people could post while the database was busy")
            await posting
        verdict = await crowd.verdict(limit=size.within)
        await _expect_no_hole(verdict, crowd, chat, len(ledger.acknowledged()))
    verdict.notes = {"slowest post": f"{max(max(each.seconds) for each in ledger.attempts.values()):.2f} s"}
    return verdict


@fault(
    "F13",
    ordinary=Size(messages=120, readers=20),
    full=Size(messages=1000, readers=100),
    spec=TWO_SERVERS,
)
async def locks_cross(site: Site, size: Size, seed: int) -> Verdict:
    """People post, edit, delete, come, go and rename at once in the same rooms, one of which is deleted meanwhile."""
    async with Crowd(site, Ledger(seed)) as crowd:
        rooms = [await _open_room(crowd, size.readers // ROOMS) for _ in range(ROOMS)]
        doomed = await _open_room(crowd, 0)
        half = size.messages // 2
        await _crowd_in(rooms, half)
        deleting = asyncio.create_task(
            asyncio.to_thread(site.run, "tests.faults.administer", "delete", str(doomed.chat))
        )
        while not deleting.done():
            await _crowd_in([doomed], AT_ONCE)
        if error := deleting.exception():
            crowd.ledger.problems.append(f"the room could not be deleted: {str(error)[-200:]}")
        await _crowd_in(rooms, size.messages - half)
        readers = [reader for room in rooms for reader in room.readers]
        verdict = await crowd.verdict(limit=size.within, readers=readers)
        for room in rooms:
            await _expect_no_hole(verdict, crowd, room.chat, room.changes)
    answers = sum((room.answers for room in [*rooms, doomed]), Counter())
    errors = {act: count for act, count in answers.items() if act[1] >= 500}
    verdict.expect(not errors, f"forms were answered with errors: {errors}")
    verdict.notes = {f"{name} {status}": count for (name, status), count in sorted(answers.items())}
    return verdict


class Room:
    """An open room in which people get in each other's way; `changes` counts the ones that were acknowledged."""

    def __init__(self, crowd: Crowd, chat: int, readers: list[Reader]) -> None:
        self.crowd = crowd
        self.chat = chat
        self.readers = readers
        self.alice = crowd.site.people["alice"]
        self.people = crowd.site.members[1:9]
        self.dice = crowd.ledger.random
        self.changes = 0
        self.answers: Counter[tuple[str, int]] = Counter()
        self.posted: list[tuple[Attempt, Person]] = []

    async def do_something(self) -> None:
        """Do by the dice what locks much at once."""
        acts = [self._come_and_go, self._come_and_go, self._amend, self._amend, self._rename, self._remove]
        await self.dice.choice(acts)()

    async def _come_and_go(self) -> None:
        """Leave; then come again by all doors at once: whoever posts in an open room is in it."""
        person = self.dice.choice(self.people)
        await self._submit("leave", person, "leaving/")
        await asyncio.gather(
            self._post(person), self._submit("join", person, "joining/"), self._post(person), self._read(person)
        )

    async def _amend(self) -> None:
        """Edit a message, and mostly delete it at the same moment."""
        if not (self.posted and self.readers):
            return await self._come_and_go()
        attempt, author = self.posted.pop(self.dice.randrange(len(self.posted)))
        if not (address := await self._address(attempt)):
            return None
        body = f"{attempt.token} says it otherwise"
        acts = [self._submit("edit", author, address, {"body": body}, changes=True)]
        if self.dice.random() < 0.7:
            acts.append(self._submit("delete", author, address, {"delete": "1"}, changes=True))
        # Who is kept out of the room at this moment changes nothing.
        is_edited, *is_deleted = await asyncio.gather(*acts)
        if is_edited:
            attempt.body = body
        if any(is_deleted):
            self.crowd.ledger.withdraw(attempt)
        return None

    async def _rename(self) -> None:
        await self._submit("rename", self.alice, "name/", {"name": f"Crossing {uuid.uuid4()}"}, changes=True)

    async def _remove(self) -> None:
        """Remove somebody who is just about to write, and let them in again."""
        person = self.dice.choice(self.people)
        await asyncio.gather(
            self._post(person), self._submit("remove", self.alice, f"members/{person.pk}/removal/"), self._post(person)
        )
        await self._submit("return", self.alice, f"members/{person.pk}/return/")

    async def _post(self, person: Person) -> None:
        attempt = self.crowd.ledger.attempt(self.chat, person.name, "is in the way")
        await self.crowd.send(attempt, person)
        self.answers.update(("post", answer) for answer in attempt.answers if isinstance(answer, int))
        if attempt.acknowledged_at is not None:
            self.changes += 1
            self.posted.append((attempt, person))
        elif attempt.answers[-1] == GONE:
            self.crowd.ledger.withdraw(attempt)

    async def _read(self, person: Person) -> None:
        await self._submit("read", person, "reading/", {"number": "1000000"})

    async def _submit(
        self, name: str, person: Person, path: str, form: dict[str, str] | None = None, *, changes: bool = False
    ) -> bool:
        """Send a form and return whether it is taken; one that `changes` the stream has then taken a number of it."""
        address = path if path.startswith("/") else f"/chats/{self.chat}/{path}"
        answer = await self.crowd.submit(person, address, form or {})
        self.answers[name, answer.status_code] += 1
        is_taken = answer.status_code < 400
        self.changes += changes and is_taken
        return is_taken

    async def _address(self, attempt: Attempt) -> str:
        """Return the address of a message, when a page shows it; nothing if it does not, which the verdict will say."""
        page = self.readers[0].page
        with suppress(AssertionError):
            await until(lambda: any(row.token == attempt.token for row in page.rows), within=5)
        element = next((row.id for row in page.rows if row.token == attempt.token), "")
        return element and f"/messages/{element.removeprefix('message-')}/"


async def _open_room(crowd: Crowd, readers: int) -> Room:
    made = await crowd.submit(
        crowd.site.people["alice"], "/chats/new/", {"name": f"Crossing {uuid.uuid4()}", "kind": "open"}
    )
    chat = int(made.headers["Location"].strip("/").rpartition("/")[2])
    return Room(crowd, chat, await crowd.read(chat, readers))


async def _crowd_in(rooms: list[Room], count: int) -> None:
    """Do so many things in these rooms, many at once."""
    gate = asyncio.Semaphore(AT_ONCE // 3)

    async def do_something(number: int) -> None:
        async with gate:
            await rooms[number % len(rooms)].do_something()

    await asyncio.gather(*(do_something(number) for number in range(count)))


async def _expect_no_hole(verdict: Verdict, crowd: Crowd, chat: int, changes: int) -> None:
    """See that the stream has as many numbers as changes were acknowledged, and no two messages have the same one."""
    answer = await crowd.get(crowd.site.people["alice"], f"/chats/{chat}/")
    top = Page.load(answer.text, f"chat.{chat}").cursor
    verdict.expect(top == changes, f"chat.{chat} is at {top} after {changes} changes")
    counts = Counter(row.seq for row in await crowd.truth(chat))
    shared = [seq for seq, count in counts.items() if count > 1]
    verdict.expect(not shared, f"chat.{chat}: numbers of more than one change: {shared[:5]}")


@contextmanager
def _write_lock(site: Site) -> Iterator[None]:
    """Keep everybody else from writing as long as the `with` block lasts."""
    if site.spec.database == "postgresql":
        with psycopg.connect(site.env["DATABASE_URL"]) as connection:
            tables = "messaging_chat, messaging_membership, messaging_message"
            connection.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
            yield
    else:
        with closing(sqlite3.connect(site.state_dir / "bellwire.sqlite3", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
