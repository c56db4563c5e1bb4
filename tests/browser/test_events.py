"""Pages where no WebSocket can be had: they follow the same by server-sent events, and miss nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    enter_room,
    expect_messages,
    fresh_name,
    make_private_room,
    open_chat,
    post,
    post_at_once,
    sign_in,
    sign_out,
    wait_for,
    wait_until_connected,
)
from tests.browser.proxy import Proxy

People = Callable[..., Page]
BY_EVENTS = "[ws-connect^='/sse/live/'][data-connected]"
CHOOSE_EVENTS = "document.addEventListener('DOMContentLoaded', () => { document.body.dataset.liveBy = 'events' }, true)"
FOLLOW = """address => {
    window.found = []
    window.source = new EventSource(address)
    source.onmessage = ({ data }) => found.push(JSON.parse(data))
}"""
TEXTS = "found.filter(({ type }) => type === 'message').map(({ text }) => text)"


@pytest.mark.every_engine
def test_page_behind_a_proxy_without_websockets_is_live_by_events(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Events"))
    open_chat(bob, chat)
    post(alice, "by socket")
    expect_messages(bob, "by socket")
    proxy.blocks_websockets = True
    proxy.cut()
    post_at_once(alice, chat, ["while it", "changes over"])
    expect(bob.locator(BY_EVENTS)).to_be_attached(timeout=15_000)
    expect(bob.locator("#connection")).to_be_hidden()
    expect_messages(bob, "by socket", "while it", "changes over")
    says(alice, chat, "by events")
    expect_messages(bob, "by socket", "while it", "changes over", "by events")
    # Cut once more, it comes back from where the page is.
    proxy.is_down = True
    proxy.cut()
    post(alice, "unheard")
    proxy.is_down = False
    expect_messages(bob, "by socket", "while it", "changes over", "by events", "unheard")
    expect(bob.locator(BY_EVENTS)).to_be_attached(timeout=15_000)
    proxy.blocks_websockets = False
    proxy.cut()
    expect(bob.locator("[ws-connect^='/ws/live/'][data-connected]")).to_be_attached(timeout=15_000)
    post(alice, "by socket again")
    expect_messages(bob, "by socket", "while it", "changes over", "by events", "unheard", "by socket again")


def test_page_by_events_goes_back_to_a_socket_once_one_can_be_had(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Back"))
    proxy.blocks_websockets = True
    bob.clock.install()
    bob.goto(chat)
    expect(bob.locator(BY_EVENTS)).to_be_attached(timeout=30_000)
    bob.evaluate("window.isTheSame = true")
    says(alice, chat, "by events")
    expect_messages(bob, "by events")
    with bob.expect_event("websocket") as tried:
        bob.clock.fast_forward("05:10")
    assert "/ws/live/" in tried.value.url, "it tries, in vain"
    expect(bob.locator(BY_EVENTS)).to_be_attached(timeout=15_000)
    proxy.blocks_websockets = False
    says(alice, chat, "still by events")
    expect_messages(bob, "by events", "still by events")
    bob.clock.fast_forward("05:10")
    post_at_once(alice, chat, ["while it", "changes over"])
    expect(bob.locator("[ws-connect^='/ws/live/'][data-connected]")).to_be_attached(timeout=15_000)
    post(alice, "by socket")
    expect_messages(bob, "by events", "still by events", "while it", "changes over", "by socket")
    assert bob.evaluate("window.isTheSame"), "without a reload"


def test_page_that_has_chosen_events_stays_with_them(person: People) -> None:
    alice = by_choice(person("alice"))
    chat = enter_room(alice, fresh_name("Chosen"))
    alice.clock.install()
    alice.goto(chat)
    expect(alice.locator(BY_EVENTS)).to_be_attached()
    sockets: list[str] = []
    alice.on("websocket", lambda socket: sockets.append(socket.url))
    alice.clock.fast_forward("11:00")
    expect(alice.locator(BY_EVENTS)).to_be_attached()
    post(alice, "still here")
    expect_messages(alice, "still here")
    assert sockets == []


def says(page: Page, chat: str, text: str) -> None:
    """Post in the chat as somebody who may be elsewhere."""
    open_chat(page, chat)
    post(page, text)


def by_choice(page: Page) -> Page:
    """Have the pages that are opened from now on choose events."""
    page.add_init_script(CHOOSE_EVENTS)
    return page


def anew(page: Page) -> Page:
    """Give them a session of their own, which can end without the others of the same name."""
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    sign_in(page, "alice")
    return page


def test_page_by_events_whose_reader_signs_out_elsewhere_goes_to_sign_in(person: People) -> None:
    alice = by_choice(anew(person("alice")))
    chat = enter_room(alice, fresh_name("Out"))
    open_chat(alice, chat)
    expect(alice.locator(BY_EVENTS)).to_be_attached()
    other = alice.context.new_page()
    other.goto(chat)
    sign_out(other)
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible()


def test_page_by_events_that_comes_too_late_is_told_that_nobody_is_signed_in(person: People) -> None:
    alice = by_choice(anew(person("alice")))
    chat = enter_room(alice, fresh_name("Late"))
    alice.goto(chat)
    expect(alice.locator(BY_EVENTS)).to_be_attached()
    alice.context.clear_cookies()
    # One that is asked for anew, as after a cut, is refused before anything has come by it.
    alice.evaluate("bellwire.socket.hurry()")
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible()


def test_removed_member_by_events_loses_the_chat(person: People) -> None:
    alice, bob = person("alice"), by_choice(person("bob"))
    chat = make_private_room(alice, fresh_name("Gone"), "bob")
    bob.goto(chat)
    expect(bob.locator(BY_EVENTS)).to_be_attached()
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(bob.get_by_role("alert").get_by_role("heading", name="You can no longer see this chat")).to_be_visible()


def test_events_lost_without_a_word_are_noticed(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), by_choice(person("bob", site=proxy.url))
    chat = enter_room(alice, fresh_name("Mute"))
    bob.clock.install()
    bob.goto(chat)
    expect(bob.locator(BY_EVENTS)).to_be_attached()
    wait_until_connected(bob)
    proxy.mute()
    says(alice, chat, "unheard")
    bob.clock.fast_forward("01:10")
    expect_messages(bob, "unheard")


def test_the_browsers_own_reader_of_events_goes_on_behind_the_last_one(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Reader"))
    open_chat(alice, chat)
    bob.goto("/accounts/profile/")
    bob.evaluate(FOLLOW, f"/sse/live/?chat.{chat.split('/')[2]}=0")
    post(alice, "one")
    wait_for(bob, lambda: len(bob.evaluate(TEXTS)) >= 1)
    proxy.is_down = True
    proxy.cut()
    post(alice, "two")
    proxy.is_down = False
    wait_for(bob, lambda: len(bob.evaluate(TEXTS)) >= 2)
    post(alice, "three")
    wait_for(bob, lambda: len(bob.evaluate(TEXTS)) >= 3)
    assert bob.evaluate(TEXTS) == ["one", "two", "three"]
