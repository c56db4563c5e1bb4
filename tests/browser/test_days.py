"""Somebody goes to a day of a long chat, and on from there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, post

People = Callable[..., Page]


def test_a_day_opens_the_chat_at_its_first_message(person: People) -> None:
    alice = person("alice", timezone_id="UTC")
    chat = enter_room(alice, fresh_name("Days"))
    for number in range(8):
        post(alice, "line\n\n" * 4 + f"end {number}")
    alice.get_by_role("button", name="Date").click()
    alice.get_by_label("Go to a day").fill("2020-02-29")
    alice.get_by_role("button", name="Go", exact=True).click()
    first = alice.locator("#messages article").first
    expect(first).to_be_in_viewport()
    expect(first).to_be_focused()
    assert alice.url.endswith(f"{chat}?on=2020-02-29")
    # Past the last message is the end.
    alice.goto(f"{chat}?on=9999-12-31")
    expect(alice.locator("#messages article").last).to_be_in_viewport()
