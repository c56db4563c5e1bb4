"""What is unread: counted beside each chat, for its reader alone, on all their tabs and devices."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    edit,
    enter_room,
    fresh_name,
    make_private_room,
    number,
    open_chat,
    open_profile,
    post,
    unread_mark,
)

People = Callable[..., Page]


def naming_mark(page: Page, chat: str) -> Locator:
    """Return the number beside a chat of what names the reader."""
    return page.locator(f".chat-link[href='{chat}'] .naming")


def entry(page: Page, chat: str) -> Locator:
    """Return a chat in the list of chats."""
    return page.locator(f"#chats > li:has(.chat-link[href='{chat}'])")


def test_what_names_its_reader_is_counted_on_all_tabs_until_it_is_read(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Naming"), "bob")
    other_tab = bob.context.new_page()
    open_chat(alice, chat)
    for page in (bob, other_tab):
        open_profile(page)
    post(alice, "hello everybody")
    post(alice, "@bob look at this")
    for page in (bob, other_tab):
        expect(naming_mark(page, chat)).to_have_text("@1 for you")
        expect(unread_mark(page, chat)).to_have_text(number(2))
        expect(page).to_have_title(re.compile(r"^\(\d+ @\d+\) "))
    expect(naming_mark(alice, chat)).to_be_hidden()
    edit(alice, "@bob look at this", "look at this")
    for page in (bob, other_tab):
        expect(naming_mark(page, chat)).to_be_hidden()
    post(alice, "@all come")
    expect(naming_mark(other_tab, chat)).to_have_text("@1 for you")
    other_tab.reload()
    expect(naming_mark(other_tab, chat)).to_have_text("@1 for you")
    open_chat(bob, chat)
    for page in (bob, other_tab):
        expect(naming_mark(page, chat)).to_be_hidden()
        expect(unread_mark(page, chat)).to_be_hidden()


def test_a_muted_chat_is_grey_and_not_counted_in_the_title(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Muted"), "bob")
    open_chat(alice, chat)
    other_tab = bob.context.new_page()
    open_profile(other_tab)
    bob.goto(f"{chat}members/")
    bob.get_by_label("Nothing, not even mentions").check()
    bob.locator("#level").get_by_role("button").click()
    expect(entry(other_tab, chat).locator(".chat-link")).to_contain_class("is-muted")
    before = other_tab.title()
    post(alice, "@all are you there?")
    expect(unread_mark(other_tab, chat)).to_have_text(number(1))
    expect(naming_mark(other_tab, chat)).to_be_hidden()
    assert other_tab.title() == before
