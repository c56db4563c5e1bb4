"""Older messages come on top, new ones below, and what somebody reads stays where it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    enter_room,
    fresh_name,
    hold,
    message,
    open_chat,
    post,
    post_at_once,
    wait_until_connected,
)

People = Callable[..., Page]


def scroll(page: Page, pixels: int) -> None:
    """Scroll the list of messages."""
    page.locator("[data-scroll]").evaluate("(log, top) => log.scrollBy({ top, behavior: 'instant' })", pixels)


def place(element: Locator) -> float:
    """Return how far down the window an element begins."""
    box = element.bounding_box()
    assert box
    return box["y"]


def numbers(page: Page) -> list[int]:
    """Return the numbers of the messages shown, in the page's order."""
    return page.locator("#messages article").evaluate_all("all => all.map(one => Number(one.dataset.number))")


@pytest.mark.every_engine
def test_older_messages_load_above_what_is_being_read(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("History"))
    post_at_once(alice, chat, [f"message {number}." for number in range(1, 121)])
    open_chat(alice, chat)
    expect(message(alice, "message 120.")).to_be_in_viewport()
    assert numbers(alice) == list(range(71, 121))
    held = hold(alice, "**/?before=*")
    for first, older in ((71, 21), (21, 1)):
        with alice.expect_request("**/?before=*"):
            scroll(alice, -100_000)
        # The line itself: its day and author go to the top of what comes in.
        read = message(alice, f"message {first}.").locator(".message-body")
        expect(read).to_be_in_viewport()
        before = place(read)
        held.pop().continue_()
        expect(message(alice, f"message {older}.")).to_be_attached()
        assert numbers(alice) == list(range(older, 121))
        assert abs(place(read) - before) < 2
    expect(alice.get_by_role("link", name="Older messages")).to_have_count(0)


@pytest.mark.every_engine
def test_reader_at_the_end_stays_there_and_one_further_up_is_not_moved(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Follow"))
    wait_until_connected(alice)
    post_at_once(alice, chat, [f"message {number}." for number in range(1, 41)])
    open_chat(bob, chat)
    expect(message(bob, "message 40.")).to_be_in_viewport()
    post(alice, "a line\n\n" * 10 + "at the end")
    expect(message(bob, "at the end").get_by_text("at the end")).to_be_in_viewport()
    scroll(bob, -900)
    read = message(bob, "message 20.")
    read.scroll_into_view_if_needed()
    expect(message(bob, "at the end")).not_to_be_in_viewport()
    before = place(read)
    post(alice, "below")
    expect(message(bob, "below")).to_be_attached()
    expect(message(bob, "below")).not_to_be_in_viewport()
    assert place(read) == before
    scroll(bob, 100_000)
    expect(message(bob, "below")).to_be_in_viewport()
    post(alice, "and further")
    expect(message(bob, "and further")).to_be_in_viewport()
