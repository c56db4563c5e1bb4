"""A message's address is copied and written elsewhere: it shows what it leads to, to those who may read that."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import (
    delete,
    edit,
    enter_room,
    fresh_name,
    make_private_room,
    message,
    open_chat,
    post,
    wait_until_connected,
)

People = Callable[..., Page]


def copied_link(page: Page, words: str) -> str:
    """Return what a message's menu copies."""
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    message(page, words).hover()
    message(page, words).get_by_role("link", name="More").click()
    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_role("link", name="Link copied")).to_be_visible()
    page.keyboard.press("Escape")
    return str(page.evaluate("copied"))


def test_a_link_shows_its_message_to_those_who_may_read_it_and_leads_there(person: People) -> None:
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    open_chat(bob, make_private_room(bob, fresh_name("Secret"), "alice"))
    post(bob, "We launch in secret.")
    link = copied_link(bob, "We launch in secret.")
    chat = enter_room(bob, fresh_name("Links"))
    for page in (alice, carol):
        open_chat(page, chat)
    post(bob, f"You know this: {link}")
    quote = message(alice, "You know this").locator(".link-quote")
    expect(quote).to_contain_text("We launch in secret.")
    expect(message(carol, "You know this")).to_be_visible()
    expect(message(carol, "You know this").locator(".link-quote")).to_have_count(0)
    # What was fetched stays when the message is shown anew.
    message(carol, "You know this").hover()
    message(carol, "You know this").get_by_role("link", name="React").click()
    carol.get_by_role("button", name="🎉").click()
    expect(message(alice, "You know this").locator(".reaction")).to_be_visible()
    expect(quote).to_contain_text("We launch in secret.")
    quote.get_by_role("link").click()
    expect(alice.locator("#messages article:target")).to_contain_text("We launch in secret.")


def test_a_quote_follows_its_message_where_it_is_read(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    secret = make_private_room(bob, fresh_name("Secret"), "alice")
    open_chat(bob, secret)
    post(bob, "We launch on Friday.")
    link = copied_link(bob, "We launch on Friday.")
    chat = enter_room(alice, fresh_name("Links"))
    wait_until_connected(alice)
    post(alice, f"You know this: {link}")
    quote = message(alice, "You know this").locator(".link-quote")
    expect(quote).to_contain_text("We launch on Friday.")
    edit(bob, "We launch on Friday.", "We launch on Monday.")
    expect(quote).to_contain_text("We launch on Monday.")
    expect(quote).to_have_count(1)
    alice.reload()
    expect(quote).to_contain_text("We launch on Monday.")
    wait_until_connected(alice)
    delete(bob, "We launch on Monday.")
    expect(quote).to_have_count(0)
    open_chat(alice, chat)
    expect(message(alice, "You know this")).to_be_visible()
    expect(quote).to_have_count(0)
