"""The relay against a model: whatever happens to events, a page is a whole picture of its stream up to its place.

Hypothesis posts and edits; delivers the events late, twice, shuffled or not at all; stalls, reconnects and shuts
out the page; and compares what the page shows with what the stream says, after every step.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from notifications.live import streams
from notifications.live.streams import Changes, Stream
from notifications.relay import process, rights, upkeep
from notifications.relay.close_codes import CloseCode
from notifications.relay.sockets import Socket

NAME = "log.1"
Events = st.integers(min_value=0, max_value=9)


@dataclass
class Row:
    """A row of the stream: the text it has had, by the `seq` of each change."""

    number: int
    texts: dict[int, str]

    @property
    def created_seq(self) -> int:
        return min(self.texts)

    @property
    def changed_seq(self) -> int:
        return max(self.texts)

    def html(self, *, is_new: bool) -> str:
        text = f'data-number="{self.number}" data-seq="{self.changed_seq}">{self.texts[self.changed_seq]}</p>'
        if is_new:
            return f'<div hx-swap-oob="beforeend:#log"><p id="row-{self.number}" {text}</div>'
        else:
            return f'<p id="row-{self.number}" hx-swap-oob="true" {text}'


class Log(Stream):
    """A stream in memory, with the rules of a real one and a bound that is soon reached."""

    LIMIT = 8

    def __init__(self) -> None:
        self.seq = 0
        self.rows: list[Row] = []
        self.meanwhile: Callable[[], None] | None = None

    def groups(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        return {pair: {NAME} for pair in pairs}

    def tops(self, pks: Collection[int]) -> dict[int, int]:
        return dict.fromkeys(pks, self.seq)

    def changes(self, pk: int, after: int) -> Changes:
        changed = [row for row in self.rows if row.changed_seq > after]
        if len(changed) > self.LIMIT:
            rows = "".join(row.html(is_new=True) for row in self.rows)
            changes = Changes(self.seq, f'<div id="log" hx-swap-oob="innerHTML">{rows}</div>')
        else:
            changes = Changes(self.seq, "".join(row.html(is_new=row.created_seq > after) for row in changed))
        if self.meanwhile:
            self.meanwhile()
        return changes

    def change(self, row: Row | None, text: str) -> dict[str, Any]:
        """Add a row or change one, and return the event of it."""
        self.seq += 1
        is_new = row is None
        if row is None:
            row = Row(len(self.rows) + 1, {})
            self.rows.append(row)
        row.texts[self.seq] = text
        return {"group": NAME, "seq": self.seq, "html": row.html(is_new=is_new)}


class Page:
    """A page by the rules of swaps.js."""

    def __init__(self) -> None:
        self.place = 0
        self.shown: dict[int, tuple[int, str]] = {}
        self.awake = asyncio.Event()
        self.awake.set()

    async def send(self, message: dict[str, Any]) -> None:
        await self.awake.wait()
        if message["type"] == "websocket.send":
            self.swap(message["text"])

    def swap(self, frame: str) -> None:
        for element in BeautifulSoup(frame, "html.parser").find_all(recursive=False):
            if element.name == "data":
                self.place = max(self.place, int(str(element["data-seq"])))
                continue
            if element.get("id") == "log":
                self.shown.clear()
            for row in [element] if element.name == "p" else element.find_all("p"):
                number, seq = int(str(row["data-number"])), int(str(row["data-seq"]))
                is_replacement = element.name == "p"
                if number in self.shown or not is_replacement:
                    self.shown[number] = max(self.shown.get(number, (0, "")), (seq, row.text))


class RelayMachine(RuleBasedStateMachine):
    """What may happen between a stream, Redis, the relay and a page."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.log = Log()
        streams.register("log", self.log)
        self.page = Page()
        self.on_the_way: list[dict[str, Any]] = []
        self.is_shut_out = False
        self.run(self.connect())

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(coroutine)

    def teardown(self) -> None:
        self.run(self.end())
        self.loop.close()

    async def end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def connect(self) -> None:
        self.process = process.current()
        self.socket = Socket("session", NAME, self.page.send)
        self.process.add(self.socket, self.page.place)
        await self.idle()

    async def come_back(self) -> None:
        self.process.relay.remove(self.socket)
        await self.connect()

    async def idle(self) -> None:
        """Wait until the relay has nothing to do but to wait for a page that is asleep."""
        while True:
            if busy := self.process.tasks.running - {self.process.upkeep.running}:
                await asyncio.wait(busy)
            elif self.page.awake.is_set() and self.socket.sender and not self.socket.sender.done():
                await asyncio.wait([self.socket.sender])
            else:
                break

    async def receive(self, *events: dict[str, Any]) -> None:
        for event in events:
            self.process.relay.receive_event(event)
        await self.idle()

    @rule(text=st.sampled_from("abc"))
    def post(self, text: str) -> None:
        self.on_the_way.append(self.log.change(None, text))

    @precondition(lambda self: self.log.rows)
    @rule(which=Events, text=st.sampled_from("xyz"))
    def edit(self, which: int, text: str) -> None:
        self.on_the_way.append(self.log.change(self.log.rows[which % len(self.log.rows)], text))

    @precondition(lambda self: self.on_the_way)
    @rule(which=Events)
    def deliver(self, which: int) -> None:
        self.run(self.receive(self.on_the_way.pop(which % len(self.on_the_way))))

    @precondition(lambda self: self.on_the_way)
    @rule(which=Events)
    def deliver_and_keep(self, which: int) -> None:
        self.run(self.receive(self.on_the_way[which % len(self.on_the_way)]))

    @precondition(lambda self: self.on_the_way)
    @rule()
    def deliver_all_at_once(self) -> None:
        self.run(self.receive(*self.on_the_way))
        self.on_the_way.clear()

    @precondition(lambda self: self.on_the_way)
    @rule(which=Events)
    def lose(self, which: int) -> None:
        self.on_the_way.pop(which % len(self.on_the_way))

    @rule()
    def fall_asleep(self) -> None:
        self.page.awake.clear()

    @rule()
    def wake_up(self) -> None:
        self.page.awake.set()
        self.run(self.idle())

    @precondition(lambda self: not self.is_shut_out)
    @rule()
    def reconnect(self) -> None:
        self.page.awake.set()
        self.run(self.come_back())

    @precondition(lambda self: not self.is_shut_out)
    @rule(arrives=st.booleans())
    def reconnect_while_somebody_posts(self, arrives: bool) -> None:
        """A change commits while the replay is on its way; its event comes meanwhile, or never."""

        def post() -> None:
            event = self.log.change(None, "m")
            if arrives:
                self.loop.call_soon_threadsafe(self.process.relay.receive_event, event)

        self.log.meanwhile = post
        self.reconnect()
        self.log.meanwhile = None

    @precondition(lambda self: not self.is_shut_out)
    @rule()
    def shut_out(self) -> None:
        self.run(self.close())
        self.is_shut_out, self.last_shown = True, dict(self.page.shown)

    async def close(self) -> None:
        self.process.relay.close(self.socket, CloseCode.NO_LONGER_ALLOWED)

    @precondition(lambda self: not self.is_shut_out)
    @rule()
    def check(self) -> None:
        """After the relay's own check, a page that is awake shows everything."""
        self.page.awake.set()
        self.run(self.look())
        assert self.page.place == self.log.seq
        assert {number: text for number, (_, text) in self.page.shown.items()} == {
            row.number: row.texts[row.changed_seq] for row in self.log.rows
        }

    async def look(self) -> None:
        await self.process.upkeep.find_gaps()
        await self.idle()

    @invariant()
    def the_page_is_whole_up_to_its_place(self) -> None:
        if self.is_shut_out:
            assert self.page.shown == self.last_shown
        for row in self.log.rows:
            seen = [seq for seq in row.texts if seq <= self.page.place]
            if seen:
                assert row.number in self.page.shown, f"row {row.number} is missing at place {self.page.place}"
                seq, text = self.page.shown[row.number]
                assert seq >= max(seen)
                assert text == row.texts[seq]


# The stream is in memory, but the relay's threads may still have connections of the tests before.
@pytest.mark.django_db(transaction=True)
def test_a_page_is_always_a_whole_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "GRACE_SECONDS", 0)
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 3600)
    monkeypatch.setattr(rights, "signed_in", lambda session_keys: dict.fromkeys(session_keys, 1))
    monkeypatch.setattr(streams, "_kinds", {})
    run_state_machine_as_test(
        RelayMachine,
        settings=settings(
            max_examples=200,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
