"""What a page shows when its connection breaks, comes late, or is not to be had."""

from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    are_closed,
    delete,
    edit,
    enter_room,
    expect_messages,
    fresh_name,
    make_private_room,
    message,
    number,
    open_chat,
    open_profile,
    post,
    post_at_once,
    unread_mark,
    wait_for,
    wait_until_connected,
    watch_sockets,
)
from tests.browser.proxy import Proxy

People = Callable[..., Page]


def test_page_opens_one_socket_for_all_its_streams(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("One"))
    wait_until_connected(alice)
    watch_sockets(alice)
    open_chat(alice, chat)
    # A second socket would bring all of this a second time, and be counted by then.
    post(alice, "hello")
    expect_messages(alice, "hello")
    (url,) = alice.evaluate("sockets.map(socket => socket.url)")
    address = urlsplit(url)
    assert address.path == "/ws/live/"
    assert [name.partition(".")[0] for name, _ in parse_qsl(address.query)] == ["user", "chat"]


@pytest.mark.every_engine
def test_what_was_said_during_an_outage_is_there_after_it(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Outage"))
    open_chat(bob, chat)
    post(alice, "before")
    expect_messages(bob, "before")
    proxy.is_down = True
    proxy.cut()
    for text in ("one", "two", "three"):
        post(alice, text)
    banner = bob.locator("#connection")
    expect(banner).to_have_text("Reconnecting… You can go on writing.", use_inner_text=True)
    expect_messages(bob, "before")
    proxy.is_down = False
    expect_messages(bob, "before", "one", "two", "three")
    expect(banner).to_be_hidden()
    wait_until_connected(bob)
    post(alice, "after")
    expect_messages(bob, "before", "one", "two", "three", "after")


def test_connection_lost_without_a_word_is_noticed(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Silence"))
    bob.clock.install()
    open_chat(bob, chat)
    post(alice, "before")
    expect_messages(bob, "before")
    proxy.mute()
    post(alice, "unheard")
    expect_messages(alice, "before", "unheard")
    expect_messages(bob, "before")
    bob.clock.fast_forward("01:10")
    expect_messages(bob, "before", "unheard")


def test_connection_given_up_for_a_new_one_is_not_heard_of_again(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Given up"))
    bob.clock.install()
    watch_sockets(bob)
    open_chat(bob, chat)
    proxy.mute()
    bob.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    wait_for(bob, lambda: are_closed(bob)[0])
    # By now whoever had heard them end would have tried again, and so ended the new ones.
    bob.clock.run_for(5_000)
    wait_until_connected(bob)
    expect(bob.locator("#connection")).to_be_hidden()
    assert are_closed(bob) == [True, False]


def test_edit_and_deletion_during_an_outage_are_made_good(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Amends"))
    post_at_once(alice, chat, ["stays", "changes", "goes"])
    open_chat(bob, chat)
    open_chat(alice, chat)
    proxy.is_down = True
    proxy.cut()
    edit(alice, "changes", "changed")
    delete(alice, "goes")
    expect_messages(bob, "stays", "changes", "goes")
    proxy.is_down = False
    expect_messages(bob, "stays", "changed", "This message was deleted.")


def test_more_than_is_replayed_comes_as_a_fresh_list(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Flood"))
    post_at_once(alice, chat, ["early 1", "early 2"])
    open_chat(bob, chat)
    proxy.is_down = True
    proxy.cut()
    post_at_once(alice, chat, [f"late {count}" for count in range(1, 202)])
    proxy.is_down = False
    newest = [f"late {count}" for count in range(152, 202)]
    expect_messages(bob, *newest)
    # The same list once more, as for a page that is far behind but shows it already, replaces it by itself.
    proxy.is_down = True
    proxy.cut()
    expect(bob.locator("[data-connected]")).to_have_count(0)
    bob.locator(f"#cursor-chat-{chat.split('/')[2]}").evaluate("cursor => { cursor.dataset.seq = 0 }")
    proxy.is_down = False
    wait_until_connected(bob)
    expect_messages(bob, *newest)


def test_what_is_older_than_the_list_comes_by_its_link_only(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Old"))
    said = [f"word {count}" for count in range(1, 61)]
    post_at_once(alice, chat, said)
    open_chat(bob, chat)
    expect_messages(bob, *said[10:])
    # A list that came afresh while older changes were on their way to the page: here they are all sent once more.
    proxy.is_down = True
    proxy.cut()
    expect(bob.locator("[data-connected]")).to_have_count(0)
    bob.locator(f"#cursor-chat-{chat.split('/')[2]}").evaluate("cursor => { cursor.dataset.seq = 0 }")
    proxy.is_down = False
    wait_until_connected(bob)
    post(alice, "the last")
    expect_messages(bob, *said[10:], "the last")
    bob.get_by_role("link", name="Older messages").dispatch_event("click")
    expect_messages(bob, *said, "the last")


def test_unread_marks_are_right_after_an_outage(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = make_private_room(alice, fresh_name("Count"), "bob")
    open_profile(bob)
    proxy.is_down = True
    proxy.cut()
    post_at_once(alice, chat, ["one", "two"])
    proxy.is_down = False
    expect(unread_mark(bob, chat)).to_have_text(number(2))


def test_message_between_page_and_socket_appears(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Gap"))
    proxy.websockets_may_pass.clear()
    bob.goto(chat)
    post_at_once(alice, chat, ["in between"])
    expect(bob.locator("#chat-name")).to_be_visible()
    expect(bob.locator("[data-connected]")).to_have_count(0)
    expect_messages(bob)
    proxy.websockets_may_pass.set()
    expect_messages(bob, "in between")


def test_first_connection_that_hangs_is_noticed(person: People, proxy: Proxy) -> None:
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = enter_room(alice, fresh_name("Hangs"))
    proxy.websockets_may_pass.clear()
    bob.clock.install()
    bob.goto(chat)
    post_at_once(alice, chat, ["Is he there?"])
    expect(bob.locator("#connection")).to_contain_text("Reconnecting…", use_inner_text=True)
    expect_messages(bob)
    bob.clock.fast_forward(15_000)
    expect_messages(bob, "Is he there?")
    proxy.websockets_may_pass.set()
    wait_until_connected(bob)
    expect(bob.locator("#connection")).to_be_hidden()


COUNTING_SERVER = """([opens, chance]) => {
  window.tries = []
  window.Real = { WebSocket, EventSource }
  Math.random = () => chance
  window.WebSocket = class extends EventTarget {
    constructor() {
      super()
      tries.push(Date.now())
      setTimeout(() => {
        const open = new Event("open")
        if (opens) this.onopen?.(open)
        if (opens) this.dispatchEvent(open)
        this.dispatchEvent(new CloseEvent("close", { code: 1006 }))
      })
    }
    close() {}
  }
  window.EventSource = class extends EventTarget {
    constructor() {
      super()
      tries.push(Date.now())
      setTimeout(() => {
        if (opens) this.onopen?.()
        this.onerror?.()
      })
    }
    close() {}
  }
}"""


@pytest.mark.parametrize("chance", [0, 0.999], ids=["as often as may be", "as seldom as may be"])
@pytest.mark.parametrize("opens", [False, True], ids=["refused", "ended at once"])
def test_page_tries_now_and_then_and_is_back_within_seconds(person: People, opens: bool, chance: float) -> None:
    bob = person("bob")
    enter_room(bob, fresh_name("Refused"))
    bob.clock.install()
    bob.reload()
    wait_until_connected(bob)
    bob.evaluate(COUNTING_SERVER, [opens, chance])
    began = bob.evaluate("bellwire.socket.hurry(), Date.now()")
    bob.clock.run_for(60_000)
    times = bob.evaluate("tries")
    pauses = [after - before for before, after in pairwise(times)]
    assert 10 <= sum(at <= began + 60_000 for at in times) <= 24
    assert pauses[0] <= 600, "a web server that has only been restarted"
    assert max(pauses) <= 11_000
    bob.evaluate("() => Object.assign(window, window.Real)")
    bob.clock.run_for(11_000)
    wait_until_connected(bob)


def test_browser_that_knows_that_it_is_offline_says_so_and_is_back_at_once(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Offline"))
    bob.clock.install()
    open_chat(bob, chat)
    banner = bob.locator("#connection")
    bob.context.set_offline(True)
    bob.clock.run_for(2_500)
    expect(banner).to_be_hidden()
    bob.clock.run_for(1_500)
    expect(banner).to_have_text("Reconnecting… You can go on writing.", use_inner_text=True)
    post(alice, "Are you there?")
    expect_messages(alice, "Are you there?")
    bob.context.set_offline(False)
    expect_messages(bob, "Are you there?")
    wait_until_connected(bob)
    bob.clock.run_for(1_000)
    expect(banner).to_be_hidden()


CROWDED_SERVER = """
window.Real = window.WebSocket
window.WebSocket = class extends EventTarget {
  constructor() {
    super()
    setTimeout(() => this.dispatchEvent(new CloseEvent("close", { code: 4429 })))
  }
  close() {}
}
"""


@pytest.mark.parametrize("comes_back", [False, True], ids=["by itself", "when one looks at it"])
def test_page_that_was_one_too_many_comes_back(person: People, comes_back: bool) -> None:
    bob = person("bob")
    enter_room(bob, fresh_name("Crowd"))
    wait_until_connected(bob)
    bob.clock.install()
    bob.add_init_script(CROWDED_SERVER)
    bob.reload()
    banner = bob.locator("#connection")
    expect(banner).to_contain_text("Too many pages are open.", use_inner_text=True)
    bob.evaluate("() => { window.WebSocket = window.Real }")
    if comes_back:
        bob.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        bob.clock.run_for(100)
    else:
        bob.clock.fast_forward("01:05")
    wait_until_connected(bob)
    expect(banner).to_be_hidden()


def test_page_without_websockets_asks_every_few_seconds(person: People, proxy: Proxy) -> None:
    proxy.blocks_websockets = proxy.blocks_events = True
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = make_private_room(alice, fresh_name("Poll"), "bob")
    other_chat = make_private_room(alice, fresh_name("Poll too"), "bob")
    bob.clock.install()
    bob.goto(chat)
    banner = bob.locator("#connection")
    expect(banner).to_contain_text("Reconnecting…", use_inner_text=True)
    post_at_once(alice, chat, ["one"])
    post_at_once(alice, other_chat, ["elsewhere"])
    expect_messages(bob)
    bob.clock.fast_forward(10_000)
    expect(banner).to_contain_text("No live connection.", use_inner_text=True)
    expect_messages(bob, "one")
    expect(unread_mark(bob, other_chat)).to_be_visible()
    post_at_once(alice, chat, ["two"])
    bob.clock.fast_forward(5_000)
    expect_messages(bob, "one", "two")


@pytest.mark.every_engine
def test_own_message_without_websockets_is_shown_at_once(person: People, proxy: Proxy) -> None:
    proxy.blocks_websockets = proxy.blocks_events = True
    bob = person("bob", site=proxy.url)
    enter_room(bob, fresh_name("Alone"))
    # The banner comes long before the first poll.
    expect(bob.locator("#connection")).to_contain_text("Reconnecting…", use_inner_text=True)
    post(bob, "Is anybody there?")
    expect(message(bob, "Is anybody there?")).to_be_visible(timeout=3_000)
