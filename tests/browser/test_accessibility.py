"""Pages without known barriers, checked by axe-core in the light and the dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    enter_room,
    fresh_name,
    make_private_room,
    message,
    open_chat,
    post,
    post_at_once,
    wait_until_connected,
)

People = Callable[..., Page]


def expect_no_barriers(page: Page) -> None:
    """Fail with axe's report if the page violates any of its rules."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """How the person's system is set."""
    return str(request.param)


def test_sign_in(person: People, scheme: str) -> None:
    stranger = person(color_scheme=scheme)
    stranger.goto("/accounts/login/")
    expect_no_barriers(stranger)


def test_front_page(person: People, scheme: str) -> None:
    carol = person("carol", color_scheme=scheme)
    carol.goto("/")
    wait_until_connected(carol)
    expect_no_barriers(carol)


def test_chat(person: People, scheme: str) -> None:
    alice = person("alice", color_scheme=scheme)
    open_chat(alice, enter_room(alice, fresh_name("Barriers")))
    expect_no_barriers(alice)
    post(alice, "A list:\n\n- one\n- `two`\n\n> and a quote, with https://example.org")
    expect(message(alice, "A list")).to_be_visible()
    alice.get_by_role("button", name="Send").click()
    expect(alice.get_by_role("alert").filter(has_text="Write something first.")).to_be_visible()
    expect_no_barriers(alice)


def test_bell(person: People, scheme: str) -> None:
    alice, bob = person("alice"), person("bob", color_scheme=scheme)
    chat = make_private_room(alice, fresh_name("Ring"), "bob")
    bob.goto("/notifications/")
    wait_until_connected(bob)
    post_at_once(alice, chat, ["Do you see this, @bob?"])
    expect(bob.locator(".toast")).to_be_visible()
    expect_no_barriers(bob)
