"""Two people keep a message at hand: pinned by one, it is marked and listed on the other's page at once."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, message, open_chat, post

People = Callable[..., Page]


def test_a_pin_is_on_both_pages_and_goes_from_both(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Pins"))
    open_chat(bob, chat)
    post(alice, "We launch on Friday.")
    bob.get_by_role("button", name="Join").click()
    message(bob, "We launch on Friday.").hover()
    message(bob, "We launch on Friday.").get_by_role("link", name="More").click()
    bob.get_by_role("button", name="Pin", exact=True).click()
    expect(bob.locator("#message-menu")).to_be_hidden()
    expect(message(alice, "We launch on Friday.").locator(".pin")).to_have_text("Pinned by Bob")
    alice.get_by_role("link", name="Pinned 1").click()
    expect(alice.locator(".cards .message-body")).to_have_text("We launch on Friday.")
    alice.get_by_role("link", name="Show in the chat").click()
    expect(alice.locator("#messages article:target")).to_contain_text("We launch on Friday.")
    alice.go_back()
    alice.get_by_role("button", name="Unpin").click()
    expect(alice.get_by_text("Nothing is pinned here.")).to_be_visible()
    expect(message(bob, "We launch on Friday.").locator(".pin")).to_have_count(0)
    expect(bob.locator("[id^=pins-]")).to_be_hidden()
