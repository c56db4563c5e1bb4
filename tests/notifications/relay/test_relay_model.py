"""The relay against a model: whatever happens to events, a page is a whole picture of its stream up to its place.

Hypothesis posts and edits; delivers the events late, twice, shuffled or not at all; has pages stall, go, come back and
be shut out, in between of frames that a large group is sent only now and then; and compares what the pages show with
what the stream says, after every step.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from notifications.live import streams
from notifications.relay import process, programs, replays, rights, upkeep
from notifications.relay.close_codes import CloseCode
from notifications.relay.groups import Group
from tests.notifications.relay.log import ListeningPage, Log, Page

Events = st.integers(min_value=0, max_value=9)
Pages = st.integers(min_value=0, max_value=4)


class RelayMachine(RuleBasedStateMachine):
    """What may happen between a stream, Redis, the relay, three pages and two programs."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.pages = [Page(), Page(), Page(), ListeningPage(), ListeningPage()]
        self.on_the_way: list[dict[str, Any]] = []
        self.pause_is_over = asyncio.Event()
        self.pause_is_over.set()
        self.has_begun_to_pause = asyncio.Event()
        self.pausing: set[asyncio.Task[None] | None] = set()

    @initialize(seq_says_all=st.booleans(), there=st.sets(Pages, min_size=1))
    def open(self, seq_says_all: bool, there: set[int]) -> None:
        self.log = Log(seq_says_all)
        streams.register("log", self.log)
        self.run(self.connect(*(self.pages[which] for which in there)))

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

    async def connect(self, *pages: Page) -> None:
        self.process = process.current()
        self.process.relay.pause = self.pause  # type: ignore[method-assign]
        for page in pages:
            if page.socket:
                self.process.relay.remove(page.socket)
            page.awake.set()
            page.socket = page.connect()
            self.process.add(page.socket)
        await self.idle()

    async def pause(self, group: Group) -> None:
        """In place of the relay's clock: frames wait until `time_passes`."""
        self.pausing.add(task := asyncio.current_task())
        self.has_begun_to_pause.set()
        await self.pause_is_over.wait()
        self.pausing.remove(task)

    async def idle(self) -> None:
        """Wait until the relay has nothing to do but to wait for a pause's end, or for a page that is asleep."""
        while True:
            self.has_begun_to_pause.clear()
            busy = self.process.tasks.running - {self.process.upkeep.running}
            if not self.pause_is_over.is_set():
                busy -= self.pausing
            busy |= {page.sender for page in self.pages if page.sender}
            if not busy:
                break
            pausing = asyncio.ensure_future(self.has_begun_to_pause.wait())
            await asyncio.wait({*busy, pausing}, return_when=asyncio.FIRST_COMPLETED)
            pausing.cancel()

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
    def frames_begin_to_wait(self) -> None:
        """A frame has just gone to very many sockets: what comes now waits, and whoever joins or leaves does not."""
        self.pause_is_over.clear()

    @rule()
    def time_passes(self) -> None:
        self.pause_is_over.set()
        self.run(self.idle())

    @rule(which=Pages)
    def fall_asleep(self, which: int) -> None:
        self.pages[which].awake.clear()

    @rule(which=Pages)
    def wake_up(self, which: int) -> None:
        self.pages[which].awake.set()
        self.run(self.idle())

    @rule(which=Pages)
    def come_or_come_back(self, which: int) -> None:
        if not self.pages[which].is_shut_out:
            self.run(self.connect(self.pages[which]))

    @rule(which=Pages, arrives=st.booleans())
    def come_back_while_somebody_posts(self, which: int, arrives: bool) -> None:
        """A change commits while the replay is on its way; its event comes meanwhile, or never."""

        def post() -> None:
            event = self.log.change(None, "m")
            if arrives:
                self.loop.call_soon_threadsafe(self.process.relay.receive_event, event)

        self.log.meanwhile = post
        self.come_or_come_back(which)
        self.log.meanwhile = None

    @rule(which=Pages)
    def leave(self, which: int) -> None:
        self.run(self.let_go(self.pages[which], None))

    @rule(which=Pages)
    def shut_out(self, which: int) -> None:
        self.run(self.let_go(self.pages[which], CloseCode.NO_LONGER_ALLOWED))

    async def let_go(self, page: Page, code: CloseCode | None) -> None:
        if page.socket and code:
            self.process.relay.close(page.socket, code)
            page.is_shut_out, page.last_shown = True, dict(page.shown)
        elif page.socket:
            self.process.relay.remove(page.socket)
        page.socket = None
        await self.idle()

    @rule()
    def check(self) -> None:
        """After the relay's own check, a page that is there and awake shows everything."""
        self.pause_is_over.set()
        for page in self.pages:
            page.awake.set()
        # One that was too slow for its replay has been sent away, and comes back.
        self.run(self.connect(*(page for page in self.pages if page.socket and page.socket.closed)))
        self.run(self.look())
        for page in self.pages:
            if page.socket:
                assert page.place == self.log.seq
                assert {number: text for number, (_, text) in page.shown.items()} == {
                    row.number: row.texts[row.changed_seq] for row in self.log.rows
                }

    async def look(self) -> None:
        await self.idle()
        await self.process.upkeep.find_gaps()
        await self.idle()

    @invariant()
    def the_pages_are_whole_up_to_their_places(self) -> None:
        for page in self.pages:
            if page.is_shut_out:
                assert page.shown == page.last_shown
            self.is_whole(page)

    def is_whole(self, page: Page) -> None:
        for row in self.log.rows:
            seen = [seq for seq in row.texts if seq <= page.place]
            if seen:
                assert row.number in page.shown, f"row {row.number} is missing at place {page.place}"
                seq, text = page.shown[row.number]
                assert seq >= max(seen)
                assert text == row.texts[seq]


# The stream is in memory, but the relay's threads may still have connections of the tests before.
@pytest.mark.django_db(transaction=True)
def test_a_page_is_always_a_whole_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "GRACE_SECONDS", 0)
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 3600)
    monkeypatch.setattr(programs, "SLOW_SECONDS", 0)
    monkeypatch.setattr(replays, "SHARED_SECONDS", 0)
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
