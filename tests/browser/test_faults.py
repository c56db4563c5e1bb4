"""F14 and F15, the faults that only a browser can have, and the proof that their tests notice what heals them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import (
    FETCHED_POST,
    composer,
    delete,
    edit,
    enter_room,
    expect_as_in_database,
    expect_focus,
    expect_messages,
    expect_unsent,
    fresh_name,
    open_chat,
    post,
    post_at_once,
    shown,
    try_again,
    wait_until_connected,
    watch_sockets,
)
from tests.browser.proxy import Proxy

People = Callable[..., Page]
Prepare = Callable[[Page], None]
POSTS = "**/chats/*/messages/"
SOON = 3.0
"""Seconds after which a page must show what the database has."""
UNLUCKY = "Math.random = () => 0.999"
"""Delays are spread by the dice: this is the page that waits longest."""
HIDE = """state => {
    Object.defineProperty(document, "visibilityState", { get: () => state, configurable: true })
    document.dispatchEvent(new Event("visibilitychange"))
}"""
END = """() => sockets.forEach(socket => {
    socket.dispatchEvent(new CloseEvent("close", { code: 1001 }))
    socket.close()
})"""
TURN = "type => dispatchEvent(new PageTransitionEvent(type, { persisted: true }))"


@dataclass
class Tab:
    """A page, and the network that it depends on."""

    page: Page
    network: Proxy


@contextmanager
def without_network(tab: Tab) -> Iterator[None]:
    """The browser has no network, and knows it."""
    tab.network.is_down = True
    tab.network.cut()
    tab.page.context.set_offline(True)
    yield
    tab.network.is_down = False
    tab.page.context.set_offline(False)


@contextmanager
def offline(tab: Tab) -> Iterator[None]:
    """There is no network for five seconds."""
    with without_network(tab):
        yield
        # In portions: between them the page hears that what it tries fails.
        for _ in range(5):
            tab.page.clock.run_for(1_000)


@contextmanager
def offline_long(tab: Tab) -> Iterator[None]:
    """There is none for two minutes, and until the page has just asked in vain and would not ask again for long."""
    now = asked_at = 0.0

    def note(request: object) -> None:
        nonlocal asked_at
        asked_at = now

    tab.page.on("requestfailed", note)
    with without_network(tab):
        yield
        while now < 120 or now - asked_at > 0.5:
            assert now < 200, f"the page has not asked since {asked_at} s"
            tab.page.clock.run_for(250)
            now += 0.25


@contextmanager
def hidden(tab: Tab) -> Iterator[None]:
    """The tab is in the background, where its timers hardly run, and its connections end for good."""
    tab.page.evaluate(HIDE, "hidden")
    tab.page.evaluate(END)
    expect(tab.page.locator("[data-connected]")).to_have_count(0)
    yield
    tab.page.evaluate(HIDE, "visible")


@contextmanager
def hidden_and_cut_off(tab: Tab) -> Iterator[None]:
    """The tab is in the background, and its connections die without a word."""
    tab.page.evaluate(HIDE, "hidden")
    tab.network.mute()
    yield
    tab.page.clock.set_system_time(tab.page.evaluate("Date.now()") + 10 * 60_000)
    tab.page.evaluate(HIDE, "visible")


@contextmanager
def kept_by_browser(tab: Tab) -> Iterator[None]:
    """The page goes into the back/forward cache, without its connections, and comes out of it."""
    tab.page.evaluate(TURN, "pagehide")
    tab.network.mute()
    yield
    tab.page.evaluate(TURN, "pageshow")


@contextmanager
def asleep(tab: Tab) -> Iterator[None]:
    """The machine sleeps: no timer runs, the connections die without a word, and the clock has gone on."""
    tab.network.mute()
    yield
    tab.page.clock.set_system_time(tab.page.evaluate("Date.now()") + 8 * 3600_000)


def as_it_is(page: Page) -> None:
    """Leave the page's scripts as they are."""


Away = Callable[[Tab], AbstractContextManager[None]]
ABSENCES: dict[str, Away] = {
    "offline-5s": offline,
    "offline-120s": offline_long,
    "hidden": hidden,
    "hidden-and-cut-off": hidden_and_cut_off,
    "back-forward-cache": kept_by_browser,
    "sleep": asleep,
}


def come_back(person: People, proxy: Proxy, away: Away, prepare: Prepare) -> None:
    """Have a chat change while bob's page is away; when it is back it shows all of that soon, and what comes then."""
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("F14"))
    tab = Tab(bob, proxy)
    if away is hidden:
        watch_sockets(bob)
    bob.add_init_script(UNLUCKY)
    bob.clock.install()
    prepare(bob)
    post_at_once(alice, chat, ["stays", "changes", "goes"])
    open_chat(bob, chat)
    open_chat(alice, chat)
    before = shown(bob)
    with away(tab):
        edit(alice, "changes", "changed")
        delete(alice, "goes")
        post(alice, "comes")
        expect_messages(alice, "stays", "changed", "This message was deleted.", "comes")
        assert shown(bob) == before, "bob's page was not away"
    expect_as_in_database(bob, alice, chat, within=SOON)
    wait_until_connected(bob)
    post_at_once(alice, chat, ["and goes on"])
    expect_as_in_database(bob, alice, chat, within=SOON)


@dataclass(frozen=True)
class Failure:
    """What the browser gets for a message that the site has taken or not, and what it must say then.

    Of the other failures, 422 and a cut connection, tell the stories of the composer.
    """

    status: int
    says: str
    is_taken: bool = False


TAKEN = Failure(500, "the site had a problem", is_taken=True)
FAILURES = {
    "500": Failure(500, "the site had a problem"),
    "500-when-taken": TAKEN,
    "413": Failure(413, "it is more than the site takes at once"),
    "429": Failure(429, "too much was sent in a short time"),
}


def fail_once(person: People, failure: Failure, prepare: Prepare) -> None:
    """Have a message fail in alice's browser; it is there to be sent again, and then it is in the chat, once."""
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("F15"))
    open_chat(bob, chat)
    prepare(alice)
    open_chat(alice, chat)

    def fail(route: Route) -> None:
        if failure.is_taken:
            route.fetch()
        route.fulfill(status=failure.status, body="no")

    alice.route(POSTS, fail, times=1)
    composer(alice).fill("Still here?")
    composer(alice).press("Enter")
    reason = alice.locator("#composer").get_by_role("alert")
    expect(reason).to_contain_text(failure.says, use_inner_text=True)
    expect_unsent(alice, "Still here?")
    expect_focus(composer(alice))
    expect_messages(bob, *["Still here?"] * failure.is_taken)
    try_again(alice, "Still here?")
    expect_unsent(alice)
    expect(reason).to_be_hidden()
    # Were there a second one, it would come before this.
    post(alice, "Yes.")
    for page in (alice, bob):
        expect_messages(page, "Still here?", "Yes.")


Change = tuple[str, str, str]
"""A script of the product, what it says, and what it would say without one of its mechanisms."""


def without(*changes: Change) -> Prepare:
    """Return what has a page load the product's scripts without these mechanisms."""

    def serve(route: Route) -> None:
        text = route.fetch().text()
        for script, old, new in changes:
            if f"/{script}." in route.request.url:
                assert old in text, f"{script} does not say {old!r} any more"
                text = text.replace(old, new)
        route.fulfill(body=text, content_type="text/javascript")

    def turn_off(page: Page) -> None:
        for script, _, _ in changes:
            page.route(f"**/{script}.*", serve)

    return turn_off


NO_RETRY = ("endings", "Math.min(SOONEST * 2 ** attempts, LATEST)", "1e9")
NO_HURRY = ("socket", "if (element || timer) connect()", "")
NO_REPLAY = (
    "socket",
    "const wasByEvents = byEvents",
    """const wasByEvents = byEvents
      made.addEventListener("message", (event) => event.stopImmediatePropagation(), { once: true })""",
)
NO_WAITING = ("endings", "else isWaitingToBeSeen = true", "")
NO_REVIVAL = ("polling", "const reviveSilent = (limit) => {", "const reviveSilent = (limit) => { return")
NO_POLL = ("polling", 'htmx.trigger(follower, "bellwire:poll")', "{}")
NO_ONLINE = ("polling", 'addEventListener("online", ', 'addEventListener("never", ')
NO_RETURN = ("polling", "if (event.persisted)", "if (false)")
SWITCHES = {
    "no reconnection": ("offline-5s", without(NO_RETRY, NO_HURRY)),
    "no replay, no polling": ("offline-5s", without(NO_REPLAY, NO_POLL)),
    "no word of the network": ("offline-120s", without(NO_RETRY, NO_ONLINE)),
    "nothing waits to be seen": ("hidden", without(NO_WAITING)),
    "silence goes unnoticed in a tab": ("hidden-and-cut-off", without(NO_REVIVAL)),
    "silence goes unnoticed in a sleep": ("sleep", without(NO_REVIVAL)),
    "a kept page is taken for a fresh one": ("back-forward-cache", without(NO_RETURN)),
}
KEPT = "waiting.splice(0).filter(isSaid)"
TEXT_IS_LOST = without(("composer", KEPT, f"{KEPT}.map((message) => ({{ ...message, body: '' }}))"))
FORM_IS_NEW = without(("composer", KEPT, f"{KEPT}.map((message) => ({{ ...message, id: fresh() }}))"))


@pytest.mark.parametrize("away", ABSENCES.values(), ids=list(ABSENCES))
def test_f14_page_that_was_away_is_soon_as_the_database(person: People, proxy: Proxy, away: Away) -> None:
    come_back(person, proxy, away, prepare=as_it_is)


@pytest.mark.parametrize(("absence", "switch"), SWITCHES.values(), ids=list(SWITCHES))
def test_f14_notices_what_is_switched_off(person: People, proxy: Proxy, absence: str, switch: Prepare) -> None:
    with pytest.raises(AssertionError, match=r"the database has|data-connected"):
        come_back(person, proxy, ABSENCES[absence], prepare=switch)


@pytest.mark.parametrize(
    "failure",
    [pytest.param(one, id=name, marks=FETCHED_POST if one.is_taken else ()) for name, one in FAILURES.items()],
)
def test_f15_message_that_fails_stays_and_is_one_in_the_end(person: People, failure: Failure) -> None:
    fail_once(person, failure, prepare=as_it_is)


@FETCHED_POST
@pytest.mark.parametrize("switch", [TEXT_IS_LOST, FORM_IS_NEW], ids=["text is lost", "form is new"])
def test_f15_notices_what_is_switched_off(person: People, switch: Prepare) -> None:
    with pytest.raises(AssertionError, match=r"Still here\?"):
        fail_once(person, TAKEN, prepare=switch)
