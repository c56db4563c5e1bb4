"""Announcements: what staff send, and everybody reads and acknowledges."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import fresh_name, make_private_room, open_profile, wait_until_connected
from tests.browser.test_accessibility import expect_no_barriers
from tests.live.stack import until

People = Callable[..., Page]


def announce(page: Page, to: str, title: str, text: str) -> None:
    """Write an announcement that must be acknowledged, look at it first, and send it."""
    page.goto("/")
    page.get_by_role("navigation", name="Account").get_by_role("button", name="Alice").click()
    page.get_by_role("link", name="Announcements").click()
    page.get_by_role("link", name="New announcement").click()
    page.get_by_label("To", exact=True).select_option(label=to)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text").fill(text)
    page.get_by_label("Ask everybody to acknowledge it").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("main").locator("strong").filter(has_text="ten")).to_be_visible()
    page.get_by_role("button", name="Announce").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def test_an_announcement_is_read_and_acknowledged_before_the_eyes_of_who_sent_it(person: People) -> None:
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    room, title = fresh_name("Crew"), fresh_name("Fire drill")
    make_private_room(alice, room, "bob")
    open_profile(bob)
    open_profile(carol)
    announce(alice, room, title, "At **ten**.")
    expect(bob.locator(".bell-toast").filter(has_text=title)).to_be_visible()
    # The page that says where it stands follows the worker by itself.
    alice.get_by_role("link", name=re.compile("0 of 2 acknowledged")).click()
    wait_until_connected(alice)
    expect_no_barriers(alice)
    row = alice.get_by_role("listitem").filter(has_text="@bob")
    expect(row).to_contain_text("Not yet")
    bob.locator(".bell-toast").filter(has_text=title).get_by_role("link").click()
    expect(bob.get_by_role("heading", name=title)).to_be_visible()
    expect_no_barriers(bob)
    bob.get_by_role("button", name="Acknowledge").click()
    expect(bob.get_by_text("You have acknowledged this")).to_be_visible()
    expect(row).not_to_contain_text("Not yet")
    expect(alice.locator("#roll-count")).to_have_text("1 of 2 acknowledged")
    expect(carol.locator("body")).not_to_contain_text(title)
    address = bob.url
    assert [page.request.get(address).status for page in (alice, bob, carol)] == [200, 200, 404]
    assert carol.request.get(alice.url).status == 404


def test_announcing_and_acknowledging_without_javascript(person: People) -> None:
    alice, bob = person("alice", java_script_enabled=False), person("bob", java_script_enabled=False)
    title = fresh_name("Plain drill")
    alice.goto("/announcements/new/")
    alice.get_by_label("Title").fill(title)
    alice.get_by_label("When").fill("2020-01-01T09:00")
    alice.get_by_label("Ask everybody to acknowledge it").check()
    alice.get_by_role("button", name="Announce").click()
    expect(alice.get_by_text("That time has passed.")).to_be_visible()
    expect(alice.get_by_label("Title")).to_have_value(title)
    alice.get_by_label("When").fill("")
    alice.get_by_role("button", name="Announce").click()
    expect(alice.get_by_role("heading", name=title)).to_be_visible()
    line = bob.locator(".notification-open").filter(has_text=title)
    until(lambda: bob.goto("/notifications/") and line.count())
    line.click()
    bob.get_by_role("button", name="Acknowledge").click()
    expect(bob.get_by_text("You have acknowledged this")).to_be_visible()
