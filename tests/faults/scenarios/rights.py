"""Rights that end while their owners' pages are open and everybody else goes on writing."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field

from tests.faults.crowd import TABS, Crowd, Reader, until
from tests.faults.guests import PASSWORD
from tests.faults.ledger import Ledger, Verdict
from tests.faults.page import Page
from tests.faults.registry import Size, fault
from tests.faults.site import Person, Site

SIGNED_OUT, NO_LONGER_ALLOWED, NOT_FOUND = 4401, 4403, 4404
PATIENCE = 5
"""Seconds to wait for closes that ought to have come long before, to say how late they are."""


@dataclass
class Guest:
    """Somebody whose rights are about to end, with two devices, and what is open on the first."""

    first: Person
    second: Person
    pages: list[Reader] = field(default_factory=list)
    inbox: Reader | None = None


async def _remove(crowd: Crowd, chat: int, guests: list[Guest]) -> float:
    alice = crowd.site.people["alice"]
    return await _submit(crowd, [(alice, f"/chats/{chat}/members/{guest.first.pk}/removal/", {}) for guest in guests])


async def _sign_out(crowd: Crowd, chat: int, guests: list[Guest]) -> float:
    return await _submit(crowd, [(guest.first, "/accounts/logout/", {}) for guest in guests])


async def _change_password(crowd: Crowd, chat: int, guests: list[Guest]) -> float:
    new = f"new-{PASSWORD}"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    return await _submit(crowd, [(guest.second, "/accounts/password_change/", form) for guest in guests])


async def _deactivate(crowd: Crowd, chat: int, guests: list[Guest]) -> float:
    return await _administer(crowd, "deactivate", *(str(guest.first.pk) for guest in guests))


async def _delete_chat(crowd: Crowd, chat: int, guests: list[Guest]) -> float:
    return await _administer(crowd, "delete", str(chat))


@dataclass(frozen=True)
class Ending:
    """How rights end: `end(crowd, chat, guests)` returns when they had; pages hear `code`, at the door `refusal`."""

    name: str
    end: Callable[[Crowd, int, list[Guest]], Awaitable[float]]
    code: int
    refusal: int

    @property
    def is_of_person(self) -> bool:
        """Whether it is the person who has to go, and not only the chat that is lost."""
        return self.code == SIGNED_OUT


DELETION = Ending("chat deleted", _delete_chat, NO_LONGER_ALLOWED, NOT_FOUND)
ENDINGS = [
    Ending("removed", _remove, NO_LONGER_ALLOWED, NOT_FOUND),
    Ending("signed out", _sign_out, SIGNED_OUT, SIGNED_OUT),
    Ending("password changed", _change_password, SIGNED_OUT, SIGNED_OUT),
    Ending("deactivated", _deactivate, SIGNED_OUT, SIGNED_OUT),
    DELETION,
]


@fault("F12", ordinary=Size(readers=50, rate=10), full=Size(readers=100, rate=50, times=4, served_within=1))
async def rights_end(site: Site, size: Size, seed: int) -> Verdict:
    """Members are removed, signed out, given another password, deactivated, and lose their chat, under traffic."""
    count = size.readers // TABS // len(ENDINGS)
    async with Crowd(site, Ledger(seed, leak_grace=size.served_within)) as crowd:
        scene = Scene(crowd, site.room(), size.rate)
        staying = await crowd.read(scene.chat, TABS)
        witness = await scene.open_inbox(site.people["alice"])
        guests = await scene.invite(count * len(ENDINGS) * size.times)
        async with scene.traffic(scene.chat, site.members):
            for _ in range(size.times):
                for ending in ENDINGS:
                    leaving, guests = guests[:count], guests[count:]
                    await scene.play(ending, leaving)
        verdict = await crowd.verdict(
            limit=size.within, readers=staying, allowed_closes={SIGNED_OUT, NO_LONGER_ALLOWED, NOT_FOUND}
        )
    for inbox, number in scene.narrowed.items():
        verdict.expect(inbox.page.cursor == number, f"{inbox} went on hearing of the chat")
        verdict.expect(number < witness.page.cursor, "nothing more was said, so there was nothing to hear")
    verdict.notes = {f"{name}: closed after": f"{seconds:.2f} s" for name, seconds in scene.slowest.items()}
    return verdict


class Scene:
    """One chat, in which rights end one after the other."""

    def __init__(self, crowd: Crowd, chat: int, rate: float) -> None:
        self.crowd = crowd
        self.ledger = crowd.ledger
        self.alice = crowd.site.people["alice"]
        self.chat = chat
        self.rate = rate
        self.slowest: dict[str, float] = {}
        self.narrowed: dict[Reader, int] = {}

    async def play(self, ending: Ending, guests: list[Guest]) -> None:
        """Let the guests open the chat, end their rights to it, and see what their pages notice."""
        chat = await self._new_room(guests) if ending is DELETION else self.chat
        for guest in guests:
            guest.pages = await self.crowd.read(chat, TABS, [guest.first])
            guest.inbox = await self.open_inbox(guest.first)
        async with self.traffic(chat, [self.alice]) if ending is DELETION else nullcontext():
            ended_at = await ending.end(self.crowd, chat, guests)
            for guest in guests:
                self.ledger.end_right(guest.first.name, chat, ended_at)
            await self._expect_closed(ending, guests, ended_at)
            await self._try_door(ending, chat, guests)
            await asyncio.sleep(max(0, ended_at + self.ledger.leak_grace - time.monotonic()))
        if chat == self.chat and not ending.is_of_person:
            self.narrowed |= {guest.inbox: guest.inbox.page.cursor for guest in guests if guest.inbox}

    async def invite(self, count: int) -> list[Guest]:
        """Return so many new members of the chat."""
        made = await asyncio.to_thread(self.crowd.site.run, "tests.faults.guests", str(self.chat), str(count))
        guests = []
        for each in json.loads(made):
            first, second = (Person(each["name"], each["pk"], session) for session in each["sessions"])
            guests.append(Guest(first, second))
        return guests

    async def open_inbox(self, person: Person) -> Reader:
        """Open a page of a person's that is in no chat; its cursor is how much it has heard of this chat."""
        reader = self.crowd.page(person, [f"user.{person.pk}"], Page(f"members.{self.chat}", list_id="toasts"))
        await self.crowd.open([reader])
        return reader

    @asynccontextmanager
    async def traffic(self, chat: int, people: Sequence[Person]) -> AsyncIterator[None]:
        """Have people write in a chat as long as the `async with` block lasts."""
        stop = asyncio.Event()
        writing = asyncio.create_task(self._write(chat, people, stop))
        try:
            yield
        finally:
            stop.set()
            await writing

    async def _write(self, chat: int, people: Sequence[Person], stop: asyncio.Event) -> None:
        while not stop.is_set():
            sent = await self.crowd.post(chat, 10, people, rate=self.rate)
            for attempt in sent:
                # A chat that is gone takes nothing, and nobody is told that it did.
                if chat != self.chat and attempt.answers == [404]:
                    self.ledger.withdraw(attempt)

    async def _new_room(self, guests: list[Guest]) -> int:
        form = {"name": f"Doomed {uuid.uuid4()}", "kind": "private"}
        made = await self.crowd.submit(self.alice, "/chats/new/", form)
        chat = int(made.headers["Location"].strip("/").rpartition("/")[2])
        await _submit(
            self.crowd,
            [(self.alice, f"/chats/{chat}/members/", {"people": " ".join(guest.first.name for guest in guests)})],
        )
        return chat

    async def _expect_closed(self, ending: Ending, guests: list[Guest], ended_at: float) -> None:
        """See that every page which has to is closed in time and with the right code."""
        pages = [page for guest in guests for page in guest.pages]
        pages += [guest.inbox for guest in guests if guest.inbox and ending.is_of_person]
        with suppress(AssertionError):
            await until(lambda: all(page.closes for page in pages), within=PATIENCE)
        seconds = max(0, *((page.closed_at if page.closes else time.monotonic()) - ended_at for page in pages))
        self.slowest[ending.name] = max(seconds, self.slowest.get(ending.name, 0))
        if seconds > self.ledger.leak_grace:
            self.ledger.problems.append(f"{ending.name}: the last page was closed after {seconds:.1f} s")
        wrong = {code for page in pages for code in page.closes} - {ending.code}
        if wrong:
            self.ledger.problems.append(f"{ending.name}: pages were closed with {wrong} and not {ending.code}")

    async def _try_door(self, ending: Ending, chat: int, guests: list[Guest]) -> None:
        """See that who comes again by the same session is refused."""
        for guest in guests:
            page = self.crowd.page(guest.first, [f"chat.{chat}"], Page(f"chat.{chat}"))
            page.open()
            with suppress(AssertionError):
                await until(lambda: page.closes, within=PATIENCE)  # noqa: B023
            if page.closes != [ending.refusal] or page.frames:
                self.ledger.problems.append(f"{ending.name}: whoever comes again is answered {page.closes}")


async def _submit(crowd: Crowd, forms: list[tuple[Person, str, dict[str, str]]]) -> float:
    """Send forms that must be taken, at once, and return when all of them were."""
    answers = await asyncio.gather(*(crowd.submit(*form) for form in forms))
    assert all(answer.is_redirect for answer in answers), [(answer.status_code, answer.text) for answer in answers]
    return time.monotonic()


async def _administer(crowd: Crowd, act: str, *pks: str) -> float:
    return float(await asyncio.to_thread(crowd.site.run, "tests.faults.administer", act, *pks))
