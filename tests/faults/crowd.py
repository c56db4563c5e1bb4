"""Many people at once: pages that follow a chat by WebSocket as socket.js has them do, and senders of real forms."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import cycle, islice
from random import Random
from typing import Self

import httpx
from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from tests.faults.ledger import Attempt, Ledger, Verdict, due
from tests.faults.page import Page, Row, read_frame, read_list
from tests.faults.site import Person, Site

TABS = 10
"""Pages that one person has open; the site takes 50 sockets of one person."""
OPENING = 50
LONGEST_FRAME = 1 << 26
CUT = 1006
UNREACHED = (WSError, OSError, TimeoutError)
RETRIED = {1006, 1011, 1012, 1013}
OVER = 4403
LATER = {1000: 1.0, 1001: 1.0, 4012: 5.0, 4013: 5.0}
"""Seconds over which pages spread their return, by close code; pages stay away after any other."""

# A line for each request and connection would cost more than they do.
for name in ("httpx", "picows"):
    logging.getLogger(name).setLevel(logging.WARNING)


async def until(fact: Callable[[], object], within: float = 30) -> None:
    """Wait until `fact()` is true; fail when it is not within the time."""
    limit = time.monotonic() + within
    while not fact():
        assert time.monotonic() < limit, f"not true within {within} s"
        await asyncio.sleep(0.01)


class Connection(WSListener):
    """One connection of a reader."""

    def __init__(self, reader: "Reader") -> None:
        self.reader = reader
        self.code = CUT

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Let the page cut this connection from its first frame on."""
        self.reader.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Hand a frame on to the page, or answer the server's close."""
        if frame.msg_type == WSMsgType.TEXT:
            self.reader.take(frame.get_payload_as_utf8_text())
        elif frame.msg_type == WSMsgType.CLOSE:
            self.code = frame.get_close_code().value
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()


class Reader:
    """One open page of somebody's: it follows streams by one socket, and comes back by the table of close codes.

    `closes` has every close code, and that of a stream which it may not follow any more; `heard` is set while it is
    connected and has had a frame, `heard_at` says since when.
    """

    def __init__(
        self, ledger: Ledger, person: Person, streams: Iterable[str], page: Page, sites: Sequence[str], dice: Random
    ) -> None:
        self.ledger = ledger
        self.person = person
        self.streams = list(streams)
        self.page = page
        self.sites = sites
        self.dice = dice
        self.closes: list[int] = []
        self.heard = asyncio.Event()
        self.heard_at = 0.0
        self.closed_at = 0.0
        self.frames = 0
        self.bytes = 0
        self.attempt = 0
        self.transport: WSTransport | None = None
        self.task: asyncio.Task[None] | None = None

    def __str__(self) -> str:
        return f"{self.person.name}'s {' and '.join(self.streams)}"

    def open(self) -> None:
        """Connect, and stay connected."""
        self.task = asyncio.create_task(self._stay())

    async def close(self) -> None:
        """Close the page."""
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def cut(self) -> None:
        """Break the connection off, as a network does: it is not heard before it has come back."""
        self.heard.clear()
        if self.transport:
            self.transport.underlying_transport.abort()

    def take(self, text: str) -> None:
        """Swap a frame into the page."""
        now = time.monotonic()
        frame = read_frame(text)
        self.frames += 1
        self.bytes += len(text)
        if self.person.name in self.ledger.restricted:
            self.ledger.received(self.person.name, frame, now)
        if fresh := self.page.take(frame):
            self.ledger.shown(fresh, now)
        if self.page.is_over and self.page.stream in self.streams:
            self.streams.remove(self.page.stream)
            self.closes.append(OVER)
            self.closed_at = now
        if not self.heard.is_set():
            self.heard_at, self.attempt = now, 0
            self.heard.set()

    async def _stay(self) -> None:
        while True:
            code = await self._connection()
            self.heard.clear()
            self.closes.append(code)
            self.closed_at = time.monotonic()
            self.ledger.closes[code] += 1
            if code in RETRIED:
                wait = self.dice.uniform(0.5, 1) * min(0.5 * 2**self.attempt, 10)
                self.attempt += 1
            elif code in LATER:
                wait = self.dice.random() * LATER[code]
            else:
                return
            await asyncio.sleep(wait)

    async def _connection(self) -> int:
        """Connect once, and return the code by which that ended."""
        connection = Connection(self)
        try:
            transport = await self._connect(connection)
        except UNREACHED:
            return CUT
        try:
            await transport.wait_disconnected()
        finally:
            transport.disconnect()
            self.transport = None
        return connection.code

    async def _connect(self, connection: Connection) -> WSTransport:
        site = self.dice.choice(self.sites)
        headers = {"Cookie": f"sessionid={self.person.session}", "Origin": site}
        places = "&".join(f"{stream}={self.page.places.get(stream, 0)}" for stream in self.streams)
        url = f"{site.replace('http', 'ws', 1)}/ws/live/?{places}"
        opening = asyncio.create_task(
            ws_connect(lambda: connection, url, extra_headers=headers, max_frame_size=LONGEST_FRAME)
        )
        try:
            transport, _ = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Were the opening cancelled too, nobody would end its connection.
            with suppress(*UNREACHED):
                transport, _ = await opening
                transport.disconnect()
            raise
        return transport


class Crowd:
    """Readers and senders at one site, with one ledger; use it as an async context manager.

    `sites` are the addresses at which its pages find the site: the site's own unless a scenario has more.
    """

    def __init__(self, site: Site, ledger: Ledger, sites: Sequence[str] = ()) -> None:
        self.site = site
        self.ledger = ledger
        self.sites = sites or [site.url]
        self.dice = Random(ledger.seed)
        self.readers: list[Reader] = []
        self.csrf = uuid.uuid4().hex

    async def __aenter__(self) -> Self:
        # Given up before the site does, or a form may meet a connection that is just being closed.
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=2)
        self.http = httpx.AsyncClient(trust_env=False, verify=False, timeout=30, limits=limits)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(reader.close() for reader in self.readers))
        await self.http.aclose()

    # Pages

    async def get(self, person: Person, path: str, site: str = "", **headers: str) -> httpx.Response:
        """Fetch a page as this person."""
        headers["Cookie"] = f"sessionid={person.session}"
        self.http.cookies.clear()
        return await self.http.get(f"{site or self.site.url}{path}", headers=headers)

    async def read(
        self, chat: int, count: int, people: Iterable[Person] = (), *, plain: bool = False, opened: bool = True
    ) -> list[Reader]:
        """Load the chat's page `count` times, ten tabs for each of these people, and return the readers.

        `opened` connects them and waits until all have been heard; else `reader.open()` does that later.
        """
        visitors = list(islice(people or self.site.members, -(-count // TABS)))
        loaded = await asyncio.gather(*(self._load(person, chat) for person in visitors))
        tabs = islice(cycle(zip(visitors, loaded, strict=True)), count)
        readers = [self.page(person, [f"user.{person.pk}", f"chat.{chat}"], page.copy(plain)) for person, page in tabs]
        if opened:
            await self.open(readers)
        return readers

    async def follow(self, person: Person) -> Reader:
        """Open a page that only follows the person's own notifications, and wait until it is heard."""
        own = f"user.{person.pk}"
        reader = self.page(person, [own], Page(own, list_id="toasts"))
        await self.open([reader])
        return reader

    async def open(self, readers: Iterable[Reader], within: float = 30) -> None:
        """Connect readers, some at a time, and wait until all have been heard."""
        gate = asyncio.Semaphore(OPENING)

        async def open_one(reader: Reader) -> None:
            async with gate:
                reader.open()
                await reader.heard.wait()

        async with asyncio.timeout(within):
            await asyncio.gather(*(open_one(reader) for reader in readers))

    async def heard(self, readers: Iterable[Reader] = (), within: float = 30) -> None:
        """Wait until all these readers are connected and have been heard."""
        async with asyncio.timeout(within):
            await asyncio.gather(*(reader.heard.wait() for reader in readers or self.readers))

    def page(self, person: Person, streams: Iterable[str], page: Page) -> Reader:
        """Return the reader of somebody's page that follows these streams, not connected yet."""
        reader = Reader(self.ledger, person, streams, page, self.sites, self.dice)
        self.readers.append(reader)
        return reader

    async def _load(self, person: Person, chat: int) -> Page:
        # At its end, where it is live: a chat opens at the first unread.
        answer = await self.get(person, f"/chats/{chat}/?at=end")
        assert answer.status_code == 200, f"{person.name} gets {answer.status_code} for the chat's page"
        return Page.load(answer.text, f"chat.{chat}")

    # Forms

    async def submit(self, person: Person, path: str, data: dict[str, str], site: str = "") -> httpx.Response:
        """Send a form once, as this person."""
        self.http.cookies.clear()
        return await self.http.post(
            f"{site or self.dice.choice(self.sites)}{path}",
            data={"csrfmiddlewaretoken": self.csrf, **data},
            headers={"Cookie": f"sessionid={person.session}; csrftoken={self.csrf}"},
        )

    async def send(self, attempt: Attempt, person: Person, patience: float = 45) -> None:
        """Send a message's form, and again as long as there is no answer or a server's error, as a person would."""
        form = {"body": attempt.body, "client_id": attempt.client_id}
        limit = time.monotonic() + patience
        while attempt.acknowledged_at is None and time.monotonic() < limit:
            began_at = time.monotonic()
            try:
                answer: int | str = (await self.submit(person, f"/chats/{attempt.chat}/messages/", form)).status_code
            except httpx.TransportError as error:
                answer = type(error).__name__
            attempt.answered(answer, time.monotonic() - began_at)
            if isinstance(answer, int) and answer < 500:
                return
            await asyncio.sleep(self.dice.uniform(0.2, 1))

    async def post(
        self, chat: int, count: int, people: Iterable[Person] = (), *, rate: float = 0, at_once: int = 8
    ) -> list[Attempt]:
        """Post `count` messages, at most so many at once and `rate` a second (0: as fast as it goes)."""
        authors = list(people or self.site.members)
        gate = asyncio.Semaphore(at_once)
        began_at = time.monotonic()

        async def post_one(number: int) -> Attempt:
            if rate:
                await asyncio.sleep(max(0.0, began_at + number / rate - time.monotonic()))
            async with gate:
                author = authors[number % len(authors)]
                attempt = self.ledger.attempt(chat, author.name, f"says number {number}")
                await self.send(attempt, author)
                return attempt

        return list(await asyncio.gather(*(post_one(number) for number in range(count))))

    # The judgement

    async def truth(self, chat: int) -> list[Row]:
        """Return all messages of a chat as the site itself shows them to a member."""
        alice = self.site.people["alice"]
        rows: list[Row] = []
        before: int | None = 0
        while before is not None:
            path = f"/chats/{chat}/?before={before or 1 << 40}"
            answer = await self.get(alice, path, **{"HX-Request": "true"})
            assert answer.status_code == 200, answer
            older, before = read_list(answer.text)
            rows[:0] = older
        return rows

    async def verdict(
        self,
        limit: float = 5,
        *,
        allowed_closes: Iterable[int] = (),
        allow_5xx: bool = False,
        readers: Iterable[Reader] = (),
        shown_within: float | None = None,
    ) -> Verdict:
        """Wait at most `limit` seconds until all pages show what the database has, then judge.

        `shown_within` also holds each single message to a limit, counted from its answer or the end of an outage.
        """
        pages = {f"{number}, {reader}": reader for number, reader in enumerate(readers or self.readers)}
        of_chats = {name: reader for name, reader in pages.items() if reader.page.stream.startswith("chat.")}
        ends_at = time.monotonic() + limit
        chats = {int(reader.page.stream.partition(".")[2]) for reader in of_chats.values()}
        truth = {f"chat.{chat}": await self.truth(chat) for chat in chats}
        waiting = [reader.page for reader in of_chats.values()]
        while waiting := [page for page in waiting if page.rows != due(page, truth[page.stream])]:
            if time.monotonic() > ends_at:
                break
            await asyncio.sleep(0.02)
        verdict = self.ledger.verdict({name: r.page for name, r in of_chats.items()}, truth, allowed_closes)
        answers = [answer for each in self.ledger.attempts.values() for answer in each.answers]
        errors = [answer for answer in answers if isinstance(answer, int) and answer >= 500]
        verdict.expect(allow_5xx or not errors, f"{len(errors)} forms were answered {sorted(set(errors))}")
        unanswered = sum(each.acknowledged_at is None for each in self.ledger.attempts.values())
        verdict.expect(not unanswered, f"{unanswered} forms were never acknowledged")
        if shown_within is not None:
            worst = verdict.worst_delay
            verdict.expect(worst <= shown_within, f"the slowest message took {worst:.1f} s to all pages")
        print(verdict)
        return verdict
