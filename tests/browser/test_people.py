"""Two people see how the other one is just now, and one does not want to hear from the other any more."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import composer, message, open_chat, wait_until_connected
from tests.browser.test_presence import direct

People = Callable[..., Page]


def own_profile(page: Page) -> None:
    """Open one's own page, as others see it."""
    page.goto("/accounts/profile/")
    page.get_by_role("link", name="As others see you").click()


def profile_of_the_other(page: Page) -> None:
    page.locator(".pane-head").get_by_role("link", name="Profile").click()
    expect(page.get_by_role("button", name="Write to")).to_be_visible()


@pytest.fixture
def alice(person: People) -> Iterator[Page]:
    """Alice's page, who takes back afterwards what she has set."""
    page = person("alice")
    yield page
    page.goto("/people/status/")
    page.get_by_role("button", name="Clear the status").click()
    page.goto("/people/blocked/")
    if page.get_by_role("button", name="Do not block any more").count():
        page.get_by_role("button", name="Do not block any more").first.click()


def test_an_open_page_shows_the_status_of_the_other(alice: Page, person: People) -> None:
    bob = person("bob")
    direct(bob, "alice")
    head = bob.locator(".pane-head .status")
    people = bob.context.new_page()
    people.goto("/people/?q=alice")
    wait_until_connected(people)
    own_profile(alice)
    alice.get_by_role("link", name="Set a status").click()
    alice.get_by_label("Emoji").fill("🌴")
    alice.get_by_label("What are you up to?").fill("In the garden")
    alice.get_by_label("Show it").select_option("An hour")
    alice.get_by_role("button", name="Save").click()
    expect(alice.locator("main .status")).to_have_text("🌴 In the garden")
    expect(head).to_have_text("🌴 In the garden")
    expect(people.locator("main .status").first).to_have_text("🌴 In the garden")
    alice.get_by_role("button", name="Clear the status").click()
    expect(head).to_have_text("")
    expect(people.locator("main .status").first).to_have_text("")


def test_a_status_goes_at_its_end_by_itself(alice: Page, person: People) -> None:
    bob = person("bob")
    alice.goto("/people/status/")
    alice.get_by_label("What are you up to?").fill("At lunch")
    alice.get_by_label("Show it").select_option("30 minutes")
    alice.get_by_role("button", name="Save").click()
    bob.clock.install()
    direct(bob, "alice")
    head = bob.locator(".pane-head .status")
    expect(head).to_have_text("At lunch")
    bob.clock.fast_forward("31:00")
    expect(head).to_have_text("")


def test_who_is_blocked_cannot_write_and_keeps_the_text(alice: Page, person: People) -> None:
    bob = person("bob")
    chat = direct(bob, "alice")
    open_chat(alice, chat)
    profile_of_the_other(alice)
    alice.get_by_role("button", name="Block", exact=True).click()
    expect(alice.get_by_text("You have blocked them")).to_be_visible()
    composer(bob).fill("Are you there?")
    composer(bob).press("Enter")
    expect(bob.get_by_text("You cannot write here.")).to_be_visible()
    expect(composer(bob)).to_have_value("Are you there?")
    alice.goto(chat)
    wait_until_connected(alice)
    expect(message(alice, "Are you there?")).to_have_count(0)
    expect(alice.locator(".pane-head .presence")).to_have_count(0)
    alice.goto("/people/blocked/")
    alice.get_by_role("button", name="Do not block any more").click()
    expect(alice.get_by_text("You have blocked nobody.")).to_be_visible()
    composer(bob).press("Enter")
    alice.goto(chat)
    expect(message(alice, "Are you there?")).to_be_visible()
