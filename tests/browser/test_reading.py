"""Read is what was on the screen, and a chat opens where its reader is."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    bell,
    composer,
    expect_focus,
    expect_messages,
    fresh_name,
    message,
    number,
    open_chat,
    open_profile,
    post,
    read_everything,
    unread_mark,
    wait_for,
    wait_until_connected,
)
from tests.browser.proxy import Proxy
from tests.browser.test_faults import HIDE
from tests.browser.test_scrolling import numbers, place, scroll
from tests.docs import example
from tests.live.stack import Stack

People = Callable[..., Page]
Shell = Callable[[str], Any]
BEGIN = """
from django.contrib.auth.models import User
from messaging.models import Chat
alice, bob = (User.objects.get(username=name) for name in ("alice", "bob"))
"""
MAKE = """
chat = Chat.objects.start(alice, {!r}, "private")
chat.admit(bob)
answer = chat.pk
"""
SAY = """
for text in {!r}:
    Chat.objects.get(pk={}).post(alice, text)
"""
TAKE_BACK = """
chat = Chat.objects.get(pk={})
answer = chat.memberships.filter(user=bob).update(read_number=0, turn=1, entry_seq=1)
"""
COME_AGAIN = """
from notifications.push import suppress_pushes
chat = Chat.objects.get(pk={})
with suppress_pushes():
    chat.release(bob)
    chat.admit(bob)
answer = 0
"""
UNREAD = """
chat = Chat.objects.get(pk={})
answer = chat.last_number - chat.membership_of(bob).read_number
"""
TOLD = """
from django.db.models import F
from messaging.models import Message
Message.objects.filter(notified_at=None).update(notified_at=F("created_at"))
"""
ON_SCREEN = """() => {
    const log = document.querySelector("[data-scroll]").getBoundingClientRect()
    return [...document.querySelectorAll("#messages article")].filter(article => {
        const { top, bottom } = article.getBoundingClientRect()
        return bottom > log.top + 20 && top < log.bottom - 20
    }).map(article => Number(article.dataset.number))
}"""
SHIFTS = """
window.shifts = 0
new PerformanceObserver(list => { for (const { value } of list.getEntries()) window.shifts += value })
    .observe({ type: "layout-shift", buffered: true })
"""
HIDDEN = "Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true })"


class Room:
    """A private room of alice and bob, in which she says a lot at once."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.name = fresh_name("Reading")
        self.pk = shell(BEGIN + MAKE.format(self.name))
        self.path = f"/chats/{self.pk}/"

    def say(self, *texts: str) -> None:
        """Have alice say this."""
        self.shell(BEGIN + SAY.format(texts, self.pk))

    @property
    def unread(self) -> int:
        """How many messages bob has not read, as the site has it."""
        return int(self.shell(BEGIN + UNREAD.format(self.pk)))

    def tell_nothing_old(self) -> None:
        """Have nobody told any more of what the demo's people have said, which comes in its own time."""
        self.shell(TOLD)

    def expect_unread(self, page: Page, count: int) -> None:
        """Wait until so many are unread, for the site and on a page of bob's."""
        wait_for(page, lambda: self.unread == count)
        expect(unread_mark(page, self.path)).to_have_text(number(count))


@pytest.fixture(scope="module")
def shell(stack: Stack) -> Iterator[Shell]:
    """A process beside the site's that does what pages are too slow for."""
    with example.shell(stack.code, stack.env) as shell:
        yield shell


@pytest.fixture
def room(shell: Shell) -> Room:
    """A room of its own for each story."""
    return Room(shell)


def says(first: int, last: int) -> list[str]:
    return [f"message {each}." for each in range(first, last + 1)]


def line(page: Page) -> Locator:
    """Return the line before the first message that was not read."""
    return page.locator("#messages > .line")


def below(page: Page) -> Locator:
    """Return the button that tells what is new below."""
    return page.locator("#below")


def on_screen(page: Page) -> list[int]:
    """Return the numbers of the messages that can be seen."""
    shown: list[int] = page.evaluate(ON_SCREEN)
    return shown


def expect_below(page: Page, last: int) -> None:
    """Wait until the button counts what is between the screen and the last message."""
    expect(below(page)).to_be_visible()
    wait_for(page, lambda: below(page).inner_text().strip() == f"{last - max(on_screen(page))} new below")


def look_away(page: Page) -> None:
    """Put another tab before the page."""
    page.evaluate(HIDE, "hidden")


def look_at(page: Page) -> None:
    """Come back to the page's tab."""
    page.evaluate(HIDE, "visible")


def reports(page: Page) -> list[str]:
    """Return the list of what the page tells from now on to have shown."""
    told: list[str] = []
    page.on("request", lambda request: told.append(request.post_data or "") if "/reading/" in request.url else None)
    return told


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=["desk", "phone"])
def test_chat_begins_at_the_first_unread_and_only_what_was_seen_is_read(
    person: People, room: Room, size: tuple[int, int]
) -> None:
    bob, other = person("bob", viewport={"width": size[0], "height": size[1]}), person("bob")
    room.tell_nothing_old()
    read_everything(bob)
    room.say(*says(1, 5))
    open_chat(bob, room.path)
    open_profile(other)
    room.expect_unread(other, 0)
    bob.goto("/accounts/profile/")
    room.say(*says(6, 79), "message 80, @bob.")
    expect(bell(other)).to_have_text(number(1))
    open_chat(bob, room.path)
    expect(line(bob)).to_be_in_viewport()
    expect(message(bob, "message 5.")).to_be_in_viewport()
    expect(message(bob, "message 6.")).to_be_in_viewport()
    assert numbers(bob) == list(range(1, 56))
    last = max(on_screen(bob))
    assert last < 50
    room.expect_unread(other, 80 - last)
    expect_below(bob, 80)
    scroll(bob, 100)
    room.expect_unread(other, 80 - max(on_screen(bob)))
    expect(bell(other)).to_have_text(number(1))
    below(bob).click()
    expect(message(bob, "message 80,")).to_be_in_viewport()
    expect(below(bob)).to_be_hidden()
    room.expect_unread(other, 0)
    for page in (bob, other):
        expect(bell(page)).to_be_hidden()


def test_whoever_scrolls_down_to_the_end_misses_nothing(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 130))
    open_chat(bob, room.path)
    expect(message(bob, "message 1.")).to_be_in_viewport()
    assert numbers(bob) == list(range(1, 51))
    room.say(*says(131, 132))
    expect_below(bob, 132)
    for last in (50, 100):
        scroll(bob, 100_000)
        expect(message(bob, f"message {last + 1}.")).to_be_attached()
        expect(message(bob, f"message {last}.")).to_be_in_viewport()
    scroll(bob, 100_000)
    expect(message(bob, "message 132.")).to_be_in_viewport()
    assert numbers(bob) == list(range(1, 133))
    expect(bob.get_by_role("link", name="Newer messages")).to_have_count(0)
    room.expect_unread(bob, 0)
    room.say("message 133.")
    expect(message(bob, "message 133.")).to_be_in_viewport()


def test_newer_messages_that_were_on_their_way_while_some_came_are_all_there(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 60))
    open_chat(bob, room.path)
    held: list[Any] = []
    # What the site had when it was asked, handed over when the page has heard of more.
    bob.route(f"**{room.path}?after=*", lambda route: held.append((route, route.fetch())))
    scroll(bob, 100_000)
    wait_for(bob, lambda: bool(held))
    room.say(*says(61, 63))
    expect(bob.locator("[data-newer='63']")).to_be_attached()
    route, answer = held.pop()
    route.fulfill(response=answer)
    expect(message(bob, "message 63.")).to_be_attached()
    assert numbers(bob) == list(range(1, 64))


@pytest.mark.every_engine
def test_scrolled_up_reads_nothing_and_a_button_leads_down(person: People, room: Room) -> None:
    bob = person("bob")
    read_everything(bob)
    room.say(*says(1, 40))
    bob.clock.install()
    open_chat(bob, room.path)
    scroll(bob, 100_000)
    room.expect_unread(bob, 0)
    scroll(bob, -500)
    expect(message(bob, "message 40.")).not_to_be_in_viewport()
    expect(below(bob)).to_have_text("To the newest", use_inner_text=True)
    bob.clock.run_for(5_000)
    before, told = on_screen(bob), reports(bob)
    room.say("@bob one", "two", "three")
    expect(message(bob, "three")).to_be_attached()
    expect(below(bob)).to_have_text("3 new below", use_inner_text=True)
    expect(bell(bob)).to_have_text(number(1))
    bob.clock.run_for(5_000)
    assert told == []
    room.expect_unread(bob, 3)
    assert on_screen(bob) == before
    expect(line(bob)).to_have_count(1)
    assert "@bob one" in line(bob).evaluate("line => line.nextElementSibling.textContent")
    below(bob).click()
    expect(message(bob, "three")).to_be_in_viewport()
    room.expect_unread(bob, 0)
    expect(bell(bob)).to_be_hidden()


def test_background_tab_reads_nothing_and_shows_first_what_came_first(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 3))
    bob.clock.install()
    open_chat(bob, room.path)
    room.expect_unread(bob, 0)
    bob.clock.run_for(5_000)
    look_away(bob)
    told = reports(bob)
    room.say(*says(4, 43))
    expect(message(bob, "message 43.")).to_be_attached()
    bob.clock.run_for(5_000)
    assert told == []
    room.expect_unread(bob, 40)
    look_at(bob)
    expect(line(bob)).to_be_in_viewport()
    expect(message(bob, "message 4.")).to_be_in_viewport()
    last = max(on_screen(bob))
    assert last < 43
    expect_below(bob, 43)
    room.expect_unread(bob, 43 - last)


def test_tab_that_is_opened_in_the_background_reads_nothing(person: People, room: Room) -> None:
    bob = person("bob")
    room.say("message 1.")
    bob.add_init_script(HIDDEN)
    bob.clock.install()
    told = reports(bob)
    open_chat(bob, room.path)
    room.say("message 2.")
    expect_messages(bob, "message 1.", "message 2.")
    bob.clock.run_for(5_000)
    assert told == []
    room.expect_unread(bob, 2)
    look_at(bob)
    room.expect_unread(bob, 0)


def test_what_another_device_shows_is_read_here_too(person: People, room: Room) -> None:
    desk, phone = person("bob"), person("bob", viewport={"width": 390, "height": 844})
    room.say(*says(1, 60))
    open_chat(phone, room.path)
    open_chat(desk, room.path)
    expect(below(phone)).to_contain_text("new below")
    below(desk).click()
    expect(message(desk, "message 60.")).to_be_in_viewport()
    expect(below(phone)).to_have_text("To the newest", use_inner_text=True)


def test_a_page_that_missed_that_something_is_unread_again_reads_on(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 3))
    open_chat(bob, room.path)
    room.expect_unread(bob, 0)
    # As if what is pushed of it were lost.
    room.shell(BEGIN + TAKE_BACK.format(room.pk))
    room.say("message 4.")
    room.expect_unread(bob, 4)
    look_away(bob)
    look_at(bob)
    room.expect_unread(bob, 0)


def test_who_has_left_and_come_again_elsewhere_reads_on(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 3))
    room.shell(BEGIN + TAKE_BACK.format(room.pk) + 'Chat.objects.filter(pk=chat.pk).update(kind="open")')
    open_chat(bob, room.path)
    room.expect_unread(bob, 0)
    room.shell(BEGIN + COME_AGAIN.format(room.pk))
    room.say("message 4.")
    expect(bob.locator(f"#chat-read-{room.pk}")).to_have_attribute("data-turn", "0")
    look_away(bob)
    look_at(bob)
    room.expect_unread(bob, 0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_notification_leads_to_its_message(person: People, room: Room, scripts: bool) -> None:
    bob = person("bob", java_script_enabled=scripts)
    words = fresh_name("Where are you, @bob?")
    room.say(*says(1, 70), words, *says(72, 150))
    row = bob.get_by_role("main").get_by_role("button", name=words)
    wait_for(bob, lambda: bool(bob.goto("/notifications/")) and row.is_visible())
    row.click()
    expect(bob.locator("#chat-name")).to_be_visible()
    expect(message(bob, words)).to_be_in_viewport()
    assert message(bob, words).evaluate("article => article.matches(':target, :focus')")
    if scripts:
        wait_until_connected(bob)
    bob.get_by_role("link", name="Older messages").dispatch_event("click")
    expect(message(bob, "message 40.")).to_be_attached()
    if not scripts:
        bob.go_back()
    # On a busy machine the link may have been on the screen for a moment, and have fetched them already.
    bob.evaluate("document.querySelector('.newer')?.click()")
    expect(message(bob, "message 140.")).to_be_attached()
    # From the beginning on nothing has been looked at.
    room.expect_unread(bob, 150)


def test_mention_in_the_bell_is_read_when_its_message_was_on_the_screen(person: People, room: Room) -> None:
    bob = person("bob")
    read_everything(bob)
    open_profile(bob)
    room.say(*says(1, 70), "message 71, @bob.", *says(72, 150))
    expect(bell(bob)).to_have_text(number(1))
    open_chat(bob, room.path)
    expect(message(bob, "message 1.")).to_be_in_viewport()
    room.expect_unread(bob, 150 - max(on_screen(bob)))
    expect(bell(bob)).to_have_text(number(1))
    bob.goto(f"{room.path}?at=71")
    expect(message(bob, "message 71,")).to_be_in_viewport()
    expect(bell(bob)).to_be_hidden()
    bob.get_by_role("link", name="To the first unread").click()
    expect(line(bob)).to_be_in_viewport()


def test_what_lies_between_two_parts_that_were_not_told_of_is_not_read(
    person: People, room: Room, proxy: Proxy
) -> None:
    bob = person("bob", site=proxy.url)
    room.say(*says(1, 3))
    bob.route("**/reading/", lambda route: route.abort())
    with bob.expect_request("**/reading/"):
        open_chat(bob, room.path)
    proxy.is_down = True
    proxy.cut()
    room.say(*says(4, 220))
    proxy.is_down = False
    expect(message(bob, "message 220.")).to_be_in_viewport()
    bob.unroute("**/reading/")
    room.expect_unread(bob, 217)


def test_after_an_outage_with_more_than_is_replayed_nothing_unseen_is_read(
    person: People, room: Room, proxy: Proxy
) -> None:
    bob = person("bob", site=proxy.url)
    room.say(*says(1, 3))
    open_chat(bob, room.path)
    room.expect_unread(bob, 0)
    proxy.is_down = True
    proxy.cut()
    room.say(*says(4, 220))
    with bob.expect_response("**/reading/"):
        proxy.is_down = False
        expect(message(bob, "message 220.")).to_be_in_viewport()
    room.expect_unread(bob, 217)
    bob.get_by_role("link", name="To the first unread").click()
    expect(line(bob)).to_be_in_viewport()
    expect(message(bob, "message 4.")).to_be_in_viewport()
    below(bob).click()
    expect(message(bob, "message 220.")).to_be_in_viewport()
    room.expect_unread(bob, 0)


def test_many_messages_after_an_outage_begin_with_the_first(person: People, room: Room, proxy: Proxy) -> None:
    bob = person("bob", site=proxy.url)
    room.say(*says(1, 3))
    open_chat(bob, room.path)
    room.expect_unread(bob, 0)
    proxy.is_down = True
    proxy.cut()
    room.say(*says(4, 60))
    proxy.is_down = False
    expect(message(bob, "message 60.")).to_be_attached()
    expect(line(bob)).to_be_in_viewport()
    expect(message(bob, "message 4.")).to_be_in_viewport()
    expect_below(bob, 60)


def test_whoever_writes_is_at_the_end(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 120))
    open_chat(bob, room.path)
    expect(message(bob, "message 1.")).to_be_in_viewport()
    post(bob, "Here I am.")
    expect(message(bob, "Here I am.")).to_be_in_viewport()
    room.expect_unread(bob, 0)
    scroll(bob, -600)
    expect(message(bob, "Here I am.")).not_to_be_in_viewport()
    post(bob, "And still.")
    expect(message(bob, "And still.")).to_be_in_viewport()
    shown = numbers(bob)
    assert shown == list(range(shown[0], 123))


def test_going_to_the_newest_is_told_though_a_report_is_on_its_way(person: People, room: Room) -> None:
    bob = person("bob")
    room.say(*says(1, 120))
    held: list[Any] = []
    bob.route("**/reading/", lambda route: route.continue_() if held else held.append(route))
    open_chat(bob, room.path)
    wait_for(bob, lambda: bool(held))
    below(bob).click()
    expect(message(bob, "message 120.")).to_be_in_viewport()
    held[0].continue_()
    room.expect_unread(bob, 0)


def test_without_scripts_a_button_marks_as_read_what_the_page_shows(person: People, room: Room) -> None:
    bob = person("bob", java_script_enabled=False)
    room.say(*says(1, 70))
    bob.goto(room.path)
    expect(line(bob)).to_be_in_viewport()
    expect(message(bob, "message 1.")).to_be_in_viewport()
    expect(below(bob)).to_have_text("20 new below", use_inner_text=True)
    room.expect_unread(bob, 70)
    bob.get_by_role("button", name="Mark as read").click()
    room.expect_unread(bob, 20)
    expect(message(bob, "message 51.")).to_be_in_viewport()
    bob.get_by_role("button", name="Mark as read").click()
    room.expect_unread(bob, 0)
    expect(bob.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(message(bob, "message 70.")).to_be_in_viewport()
    composer(bob).fill("Thank you.")
    bob.get_by_role("button", name="Send", exact=True).click()
    expect(message(bob, "Thank you.")).to_be_in_viewport()


@pytest.mark.parametrize("at", ["", "?at=51"])
def test_without_scripts_a_page_that_comes_slowly_begins_at_its_place(
    person: People, room: Room, proxy: Proxy, at: str
) -> None:
    plain = {"Accept-Encoding": "identity"}  # so that the proxy can see where to pause
    bob = person("bob", site=proxy.url, java_script_enabled=False, extra_http_headers=plain)
    room.say(*says(1, 70))
    room.shell(BEGIN + f"Chat.objects.get(pk={room.pk}).membership_of(bob).mark_read(50); answer = 0")
    bob.goto("/accounts/profile/")  # what all pages need is there now
    proxy.pauses_at = b'data-number="60"'
    bob.goto(f"{room.path}{at}", wait_until="commit")
    expect_focus(bob.locator("#messages > [autofocus]"))
    expect(composer(bob)).to_have_count(0)
    proxy.rest_may_pass.set()
    bob.wait_for_load_state()
    expect(message(bob, "message 51.")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_newest_stand_at_the_composer_from_the_first_paint_on(person: People, room: Room, scripts: bool) -> None:
    alice = person("alice", java_script_enabled=scripts)
    room.say(*says(1, 60))
    alice.add_init_script(SHIFTS)
    alice.goto(room.path)
    expect(message(alice, "message 60.")).to_be_in_viewport()
    gap = place(alice.locator("#composer")) - place(message(alice, "message 60."))
    assert 0 < gap < 80
    continued = alice.locator("#messages article").evaluate_all("all => all.map(one => one.matches('.is-continued'))")
    assert continued == [False, *[True] * 49]
    if scripts:
        wait_until_connected(alice)
        assert alice.evaluate("shifts") < 0.01


def test_today_becomes_yesterday_at_midnight(person: People, room: Room) -> None:
    alice = person("alice", timezone_id="UTC")
    room.say("late")
    alice.clock.install(time=datetime.now(UTC).replace(hour=23, minute=58, second=0))
    open_chat(alice, room.path)
    day = alice.locator("#messages > .day")
    expect(day).to_have_attribute("data-day", "Today")
    alice.clock.fast_forward("03:00")
    expect(day).to_have_attribute("data-day", "Yesterday")


def test_current_chat_of_a_long_list_is_in_view(person: People, shell: Shell) -> None:
    bob, plain = person("bob"), person("bob", java_script_enabled=False)
    *others, last = sorted((Room(shell) for _ in range(35)), key=lambda room: room.name)
    for room in others:
        room.say("More of this is unread than is listed.")
    open_chat(bob, last.path)
    link = bob.locator(f".chat-link[href='{last.path}']")
    expect(link).to_be_in_viewport()
    expect(link).to_have_attribute("aria-current", "page")
    plain.goto(last.path)
    expect(plain.locator(".chat-link[aria-current=page]")).to_have_attribute("href", last.path)
