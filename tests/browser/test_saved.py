"""A list of saved messages that is open in one tab follows what is done in another, and what is said anew."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, message, post, wait_until_connected

People = Callable[..., Page]


def test_a_list_follows_what_is_saved_in_another_tab(person: People) -> None:
    alice = person("alice")
    text = fresh_name("Kept")
    enter_room(alice, fresh_name("Saved"))
    post(alice, text)
    tab = alice.context.new_page()
    tab.goto("/saved/")
    wait_until_connected(tab)
    expect(tab.locator(".card-message", has_text=text)).to_have_count(0)
    message(alice, text).hover()
    message(alice, text).get_by_role("link", name="More").click()
    alice.get_by_role("button", name="Save for later").click()
    card = tab.get_by_role("listitem").filter(has_text=text)
    expect(card).to_be_visible()
    message(alice, text).hover()
    message(alice, text).get_by_role("link", name="Edit", exact=True).click()
    alice.locator("article").get_by_label("Message").fill(f"{text}, anew")
    alice.locator("article").get_by_label("Message").press("Enter")
    expect(card).to_contain_text(f"{text}, anew")
    message(alice, text).hover()
    message(alice, text).get_by_role("link", name="More").click()
    alice.get_by_role("button", name="Saved: mark as done").click()
    expect(card).to_have_count(0)
