"""Who sees what: outsiders nothing, and members only as long as they are."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import (
    composer,
    enter_room,
    expect_messages,
    fresh_name,
    heard,
    make_private_room,
    message,
    open_chat,
    open_profile,
    post,
    post_at_once,
    sign_in,
    sign_out,
    wait_until_connected,
    watch_sockets,
)
from tests.browser.proxy import Proxy

People = Callable[..., Page]
OPEN_SOCKET = """address => new Promise(resolve => {
    const frames = []
    const socket = new WebSocket(address)
    socket.onmessage = ({ data }) => frames.push(data)
    socket.onclose = ({ code }) => resolve([code, frames])
})"""


def test_outsider_receives_nothing_of_a_private_chat(person: People) -> None:
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    watch_sockets(carol)
    chat = make_private_room(alice, fresh_name("Secret"), "bob")
    own_chat = enter_room(carol, fresh_name("Hers"))
    open_chat(carol, own_chat)
    open_chat(alice, chat)
    open_chat(bob, chat)
    post(alice, "The gift for @carol is hidden.")
    post(bob, "In the attic.")
    expect_messages(alice, "The gift for @carol is hidden.", "In the attic.")
    secret = message(alice, "The gift").locator(".message-time").get_attribute("href") or ""
    post(carol, "Only a word of mine.")
    expect_messages(carol, "Only a word of mine.")
    received = heard(carol)
    assert "Only a word of mine." in received
    pk = chat.split("/")[2]
    assert not re.search(rf"gift|attic|Secret|{chat}|(chat|members)[.-]{pk}\b", received)
    changes = f"/notifications/live/chat/{pk}/changes/?after=0"
    for address in (chat, changes, f"{chat}members/", secret):
        assert (alice.request.get(address).status, carol.request.get(address).status) == (200, 404)
    assert carol.evaluate(OPEN_SOCKET, f"/ws/live/chat/{pk}/?after=0") == [4404, []]
    expect(carol.locator("body")).not_to_contain_text("Secret")


def test_removed_member_loses_the_chat_at_once(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Out"), "bob")
    bob.clock.install()
    open_chat(bob, chat)
    open_chat(alice, chat)
    post(alice, "while you are here")
    expect_messages(bob, "while you are here")
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(bob.get_by_role("heading", name="You can no longer see this chat")).to_be_visible(timeout=2_000)
    expect(bob.locator("body")).not_to_contain_text("while you are here")
    expect(composer(bob)).to_have_count(0)
    expect(bob.locator(f".chat-link[href='{chat}']")).to_have_count(0)
    # What is his own goes on.
    other = make_private_room(alice, fresh_name("Still in"), "bob")
    expect(bob.locator(f".chat-link[href='{other}']")).to_be_visible()
    open_chat(alice, chat)
    post(alice, "now that he is gone")
    post(alice, "@bob cannot hear us")
    expect(bob.locator("body")).not_to_contain_text("now that he is gone")
    # Nothing is being reconnected: a page that went on trying would say so after three seconds.
    bob.clock.fast_forward(5_000)
    expect(bob.locator("#connection")).to_be_hidden()
    bob.reload()
    expect(bob.get_by_role("heading", name="Not here")).to_be_visible()


def test_removed_member_without_websockets_loses_the_chat_at_the_next_poll(person: People, proxy: Proxy) -> None:
    proxy.blocks_websockets = proxy.blocks_events = True
    alice, bob = person("alice"), person("bob", site=proxy.url)
    chat = make_private_room(alice, fresh_name("Out"), "bob")
    post_at_once(alice, chat, ["while you are here"])
    bob.clock.install()
    bob.goto(chat)
    expect_messages(bob, "while you are here")
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(alice.get_by_role("button", name="Remove Bob")).to_have_count(0)
    bob.clock.fast_forward(10_000)
    bob.clock.fast_forward(5_000)
    expect(bob.get_by_role("alert").get_by_role("heading", name="You can no longer see this chat")).to_be_visible()
    expect(bob.locator("body")).not_to_contain_text("while you are here")


def test_message_that_was_typed_when_removed_is_refused(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Late"), "bob")
    open_chat(bob, chat)
    form = dict(bob.locator("#composer").evaluate("form => [...new FormData(form)]"))
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(bob.get_by_role("heading", name="You can no longer see this chat")).to_be_visible()
    assert bob.request.post(f"{chat}messages/", form={**form, "body": "Too late"}).status == 404
    open_chat(alice, chat)
    expect_messages(alice)


def test_leaving_ends_the_chat_in_the_other_tab(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Leave"), "bob")
    open_chat(bob, chat)
    other_tab = bob.context.new_page()
    open_chat(other_tab, chat)
    other_tab.once("dialog", lambda dialog: dialog.accept())
    other_tab.get_by_role("button", name="Leave").click()
    expect(other_tab.get_by_role("status").filter(has_text="You have left")).to_be_visible()
    expect(bob.get_by_role("heading", name="You can no longer see this chat")).to_be_visible(timeout=2_000)


def test_signing_out_ends_the_other_tab_and_leaves_nothing_in_it(person: People) -> None:
    alice = person()
    alice.goto("/")
    sign_in(alice, "alice")
    chat = enter_room(alice, fresh_name("Bye"))
    open_chat(alice, chat)
    post(alice, "Nobody who is signed out may read this.")
    composer(alice).fill("half a thou")
    other_tab = alice.context.new_page()
    open_profile(other_tab)
    sign_out(other_tab)
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible(timeout=2_000)
    expect(alice.locator("body")).not_to_contain_text("Nobody who is signed out may read this.")
    # Whoever uses the machine next is led to the same chat. Her own draft waits for her at the site alone.
    sign_in(alice, "bob")
    expect(alice).to_have_url(re.compile(f"{chat}$"))
    expect(composer(alice)).to_have_value("")


def test_signed_out_visit_leads_to_sign_in_and_back(person: People) -> None:
    alice, stranger = person("alice"), person()
    chat = make_private_room(alice, fresh_name("Back"))
    stranger.goto(chat)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(stranger.locator("body")).not_to_contain_text("Back")
    sign_in(stranger, "alice")
    expect(stranger).to_have_url(re.compile(f"{chat}$"))
    wait_until_connected(stranger)


def test_wrong_password_says_so(person: People) -> None:
    stranger = person()
    stranger.goto("/accounts/login/")
    stranger.get_by_label("Username").fill("alice")
    stranger.get_by_label("Password").fill("a guess")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_text("Please enter a correct username and password.")).to_be_visible()
