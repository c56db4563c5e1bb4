"""What is unread: counted beside each chat, for its reader alone, on all their tabs and devices."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    edit,
    expect_messages,
    fresh_name,
    make_private_room,
    message,
    number,
    open_chat,
    open_profile,
    post,
    unread_mark,
    wait_for,
    wait_until_connected,
)

People = Callable[..., Page]
SHOW = "Object.defineProperty(document, 'visibilityState', {{ get: () => '{}', configurable: true }})"


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


def choose(page: Page, text: str, label: str) -> None:
    """Choose something in the menu of a message."""
    article = message(page, text)
    article.hover()
    article.get_by_role("link", name="More").click()
    page.locator("#message-menu").get_by_role("button", name=label).click()


def test_what_is_marked_unread_stays_so_on_all_tabs_until_its_reader_comes_back(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Again"), "bob")
    other_tab = bob.context.new_page()
    open_chat(alice, chat)
    for text in ("one", "two", "three"):
        post(alice, text)
    open_profile(other_tab)
    open_chat(bob, chat)
    expect(unread_mark(other_tab, chat)).to_be_hidden()
    choose(bob, "two", "Mark unread from here")
    for page in (bob, other_tab):
        expect(unread_mark(page, chat)).to_have_text(number(2))
    expect(bob.locator("#messages .line + article")).to_contain_text("two")
    # A page that would tell of what is on its screen does so with what comes now.
    post(alice, "four")
    expect_messages(bob, "one", "two", "three", "four")
    with bob.expect_request("**/presence/"):
        bob.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(unread_mark(bob, chat)).to_have_text(number(3))
    come_back(bob)
    for page in (bob, other_tab):
        expect(unread_mark(page, chat)).to_be_hidden()


def come_back(page: Page) -> None:
    """Look at another page, and at this one again."""
    for state in ("hidden", "visible"):
        page.evaluate(SHOW.format(state))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.evaluate("new Promise(requestAnimationFrame)")


def under(page: Page, heading: str) -> list[str]:
    """Return the titles below a heading of the list of chats that are shown."""
    return page.locator(f"#chats > [data-section={heading}]:visible .chat-title").all_inner_texts()


def test_favourites_and_folding_follow_on_all_tabs(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    name, other_name = fresh_name("aaa star"), fresh_name("aaa fold")
    chat = make_private_room(alice, name, "bob")
    other_chat = make_private_room(alice, other_name, "bob")
    other_tab = bob.context.new_page()
    open_profile(other_tab)
    open_chat(bob, chat)
    bob.get_by_role("button", name="Favourite", exact=True).click()
    expect(bob.get_by_role("button", name="Favourite", exact=True)).to_have_attribute("aria-pressed", "true")
    for page in (bob, other_tab):
        expect(entry(page, chat)).to_have_attribute("data-section", "favourites")
        wait_for(page, lambda page=page: name in under(page, "favourites"))  # type: ignore[misc]
        assert page.locator("#chats > li").first.inner_text() == "Favourites"
    heading = other_tab.get_by_role("button", name="Rooms", exact=True)
    heading.focus()
    heading.press("Enter")
    for page in (bob, other_tab):
        expect(entry(page, other_chat)).to_be_hidden()
        expect(entry(page, chat)).to_be_visible()
        expect(page.get_by_role("button", name="Rooms", exact=True)).to_have_attribute("aria-expanded", "false")
    expect(heading).to_be_focused()
    # What has something unread stays in sight.
    open_chat(alice, other_chat)
    post(alice, "hello")
    expect(entry(other_tab, other_chat)).to_be_visible()
    other_tab.reload()
    expect(heading).to_have_attribute("aria-expanded", "false")
    heading.click()
    expect(heading).to_have_attribute("aria-expanded", "true")
    bob.get_by_role("button", name="Favourite", exact=True).click()
    for page in (bob, other_tab):
        expect(entry(page, chat)).to_have_attribute("data-section", "rooms")
    expect(bob.get_by_role("button", name="Favourite", exact=True)).to_have_attribute("aria-pressed", "false")


def test_all_that_is_unread_is_gone_through_by_keys(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    # What other stories have left would fill the first page.
    bob.goto("/unread/")
    if bob.locator("[data-unread-number]").count():
        bob.get_by_role("button", name="Mark all as read").click()
        expect(bob.locator("[data-unread-number]")).to_have_count(0)
    chats = [make_private_room(alice, fresh_name(f"Keys {number}"), "bob") for number in range(2)]
    for chat, text in zip(chats, ("first", "second"), strict=True):
        open_chat(alice, chat)
        post(alice, f"{text} in {chat}")
    bob.goto("/unread/")
    wait_until_connected(bob)
    mine = [bob.locator(f"[data-unread-number][data-chat='{chat.split('/')[2]}']") for chat in chats]
    mine[0].locator(".unread-open").focus()
    bob.keyboard.press("j")
    expect(mine[1].locator(".unread-open")).to_be_focused()
    bob.keyboard.press("ArrowUp")
    expect(mine[0].locator(".unread-open")).to_be_focused()
    bob.keyboard.press("r")
    expect(mine[0]).to_be_hidden()
    expect(mine[1].locator(".unread-open")).to_be_focused()
    expect(unread_mark(bob, chats[0])).to_be_hidden()
    expect(bob.locator("[data-more]")).to_be_hidden()
    post(alice, "third")
    expect(bob.locator("[data-more]")).to_be_visible()
    bob.keyboard.press("Enter")
    expect(bob.locator("#chat-name")).to_contain_text("Keys 1")
    wait_until_connected(bob)
    expect(unread_mark(bob, chats[1])).to_be_hidden()
    bob.goto("/unread/")
    for row in mine:
        expect(row).to_have_count(0)


def test_a_conversation_of_two_says_what_the_other_one_has_read(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    alice.goto("/")
    alice.get_by_label("User names").fill("bob")
    alice.get_by_label("User names").press("Enter")
    expect(alice.locator("#chat-name")).to_have_text("Bob")
    chat = urlsplit(alice.url).path
    wait_until_connected(alice)
    open_profile(bob)
    text = fresh_name("Lunch at noon?")
    post(alice, text)
    receipt = alice.locator("[data-receipt]")
    expect(unread_mark(bob, chat)).to_be_visible()
    expect(receipt).to_be_hidden()
    open_chat(bob, chat)
    expect(receipt).to_be_visible()
    choose(bob, text, "Mark unread from here")
    expect(receipt).to_be_hidden()
    come_back(bob)
    expect(receipt).to_be_visible()
    answer = fresh_name("Yes")
    post(bob, answer)
    expect(message(alice, answer)).to_be_visible()
    expect(receipt).to_be_hidden()
