"""How many sockets a person or an address may have: one number for all processes."""

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from messaging.models import Chat
from notifications.live import door
from notifications.relay import headcount, upkeep
from notifications.relay.close_codes import CloseCode
from notifications.relay.process import Process
from notifications.relay.sockets import Socket
from tests.notifications.relay.test_relay import Page, opened, session_of

pytestmark = pytest.mark.django_db(transaction=True)


async def test_one_person_has_only_so_many_sockets(room: Chat, alice: User, bob: User, settings: Settings) -> None:
    settings.SOCKETS_PER_PERSON = 2
    pages = [await opened(bob, room.stream) for _ in range(3)]
    assert [page.closed_with for page in pages] == [None, None, CloseCode.TOO_MANY]
    assert (await opened(alice, room.stream)).closed_with is None


async def test_twenty_pages_of_one_person_are_no_crowd(room: Chat, bob: User) -> None:
    pages = [await opened(bob, f"user.{bob.pk}", room.stream) for _ in range(20)]
    assert {page.closed_with for page in pages} == {None}


async def test_no_limit_is_a_choice(room: Chat, bob: User, settings: Settings) -> None:
    settings.SOCKETS_PER_PERSON = 0
    pages = [await opened(bob, room.stream) for _ in range(headcount.SOCKETS_PER_PERSON + 1)]
    assert {page.closed_with for page in pages} == {None}


async def come(process: Process, user: User, stream: str, address: str) -> Page:
    page = Page(await session_of(user), stream)
    page.socket.address = address
    process.add(page.socket)
    await page.until(lambda: bool(page.frames) or page.closed_with is not None)
    return page


@pytest.mark.parametrize("limit", ["SOCKETS_PER_PERSON", "SOCKETS_PER_ADDRESS"])
async def test_sockets_in_other_processes_count_too(
    room: Chat, bob: User, settings: Settings, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 0.05)
    setattr(settings, limit, 2)
    here, there = Process(), Process()
    first, other = await come(here, bob, room.stream, "192.0.2.1"), await come(there, bob, room.stream, "192.0.2.1")
    counted = f"person {bob.pk}" if limit == "SOCKETS_PER_PERSON" else "address 192.0.2.1"
    for process, neighbour in ((here, there), (there, here)):
        await reported(process, neighbour, counted, 1)
        assert (await come(process, bob, room.stream, "192.0.2.1")).closed_with == CloseCode.TOO_MANY
    assert (first.closed_with, other.closed_with) == (None, None)
    there.relay.remove(other.socket)
    await reported(here, there, counted, 0)
    assert (await come(here, bob, room.stream, "192.0.2.1")).closed_with is None


async def reported(process: Process, by: Process, counted: str, count: int) -> None:
    """Wait until a process has heard of the other one that it has so many sockets."""
    page = Page("", "user.0")

    def heed(report: dict[str, object]) -> None:
        headcount.Headcount.heed(process.relay.headcount, report)
        page.arrived.set()

    process.relay.headcount.heed = heed  # type: ignore[method-assign]
    await page.until(
        lambda: process.relay.headcount.others.get(by.relay.headcount.process, (0, {}))[1].get(counted, 0) == count
    )


def test_a_process_that_has_ended_counts_for_nobody(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SOCKETS_PER_PERSON, settings.SOCKETS_PER_ADDRESS = 1, 0
    now = 100.0
    monkeypatch.setattr("notifications.relay.headcount.time.monotonic", lambda: now)
    here, socket = headcount.Headcount(), Socket("", {}, send=lambda message: None, user_pk=7)
    here.add(socket)
    here.heed({"process": "another", "counts": {"person 7": 1}})
    assert here.is_past_limit(socket)
    now += headcount.REPORT_SECONDS
    assert not here.is_past_limit(socket)
    here.heed({"process": here.process, "counts": here.report()["counts"]})
    assert not here.is_past_limit(socket), "its own report says nothing new"


async def test_reports_need_no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(events: object) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(door, "_send_all", fail)
    await door.tell_processes("headcount", process="here", counts={})
