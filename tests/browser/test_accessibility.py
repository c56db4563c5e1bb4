"""Pages without known barriers, checked by axe-core in the light and the dark."""

import re
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
    open_profile,
    post,
    post_at_once,
    send_form,
    wait_until_connected,
)
from tests.browser.test_jobs import card, work
from tests.browser.test_threads import begin_thread
from tests.live.stack import Stack, until

People = Callable[..., Page]


TOASTS_ARE_THERE = """() => {
  for (const animation of document.getAnimations()) {
    if (animation.animationName === "toast-in") animation.finish()
    if (animation.animationName === "toast-out") animation.currentTime = 0
  }
}"""


def expect_no_barriers(page: Page) -> None:
    """Fail with axe's report if the page violates any of its rules."""
    # One that comes or goes at this moment is half transparent.
    page.evaluate(TOASTS_ARE_THERE)
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


def test_own_chats_on_a_phone_and_a_screen(person: People, scheme: str) -> None:
    carol = person("carol", color_scheme=scheme)
    carol.goto("/chats/mine/?all")
    expect_no_barriers(carol)
    carol.set_viewport_size({"width": 360, "height": 740})
    assert carol.evaluate("document.documentElement.scrollWidth") <= 360
    expect_no_barriers(carol)


def test_chat(person: People, scheme: str) -> None:
    alice = person("alice", color_scheme=scheme)
    open_chat(alice, enter_room(alice, fresh_name("Barriers")))
    expect_no_barriers(alice)
    post(alice, "A list:\n\n- one\n- `two`\n\n> and a quote, with https://example.org")
    expect(message(alice, "A list")).to_be_visible()
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.get_by_role("alert").filter(has_text="Write something first.")).to_be_visible()
    expect_no_barriers(alice)


def test_thread_beside_a_chat(person: People, scheme: str) -> None:
    alice = person("alice", color_scheme=scheme)
    enter_room(alice, fresh_name("Barriers beside"))
    post(alice, "What is answered")
    begin_thread(alice, "What is answered", "An answer")
    wait_until_connected(alice)
    expect_no_barriers(alice)


def test_bell(person: People, scheme: str) -> None:
    alice, bob = person("alice"), person("bob", color_scheme=scheme)
    chat = make_private_room(alice, fresh_name("Ring"), "bob")
    open_profile(bob)
    post_at_once(alice, chat, ["Do you see this, @bob?"])
    expect(bob.locator(".bell-toast")).to_be_visible()
    expect_no_barriers(bob)
    bob.locator(".bell").click()
    expect(bob.locator("#tray .notification").filter(has_text="Do you see this").first).to_be_visible()
    expect(bob.locator(".bell-toast")).to_have_count(0)
    expect_no_barriers(bob)
    bob.locator("#tray summary").first.click()
    expect_no_barriers(bob)
    bob.goto("/notifications/")
    wait_until_connected(bob)
    expect_no_barriers(bob)
    bob.goto(f"{chat}members/")
    expect_no_barriers(bob)


def test_background_tasks(person: People, stack: Stack, scheme: str) -> None:
    alice = person("alice", color_scheme=scheme)
    running, failed = fresh_name("Import"), fresh_name("Gone")
    with work(stack, running):
        chat = make_private_room(alice, failed)
        with stack.worker_away():
            assert send_form(alice, f"{chat}exports/") == 303
            assert send_form(alice, f"{chat}leaving/") == 303
        alice.goto("/notifications/jobs/")
        wait_until_connected(alice)
        expect(card(alice, running).get_by_role("progressbar")).to_be_visible()
        expect(card(alice, failed).get_by_role("button", name="Retry")).to_be_visible()
        expect_no_barriers(alice)


def test_announcement_that_is_refused(person: People, scheme: str) -> None:
    alice = person("alice", color_scheme=scheme)
    alice.goto("/announcements/new/")
    alice.get_by_label("Title").fill("Drill")
    alice.get_by_label("When").fill("2020-01-01T09:00")
    alice.get_by_label("Remind every so many hours").fill("5")
    alice.get_by_role("button", name="Announce").click()
    for error in ("That time has passed.", "Only what must be acknowledged is reminded of."):
        expect(alice.get_by_text(error)).to_be_visible()
    wait_until_connected(alice)
    expect_no_barriers(alice)


def test_roll(person: People, scheme: str) -> None:
    alice, bob = person("alice", color_scheme=scheme), person("bob")
    title = fresh_name("Drill")
    chat = make_private_room(alice, fresh_name("Crew"), "bob")
    audience = f"chat.{chat.split('/')[2]}"
    fields = {"title": title, "audience": audience, "must_acknowledge": "on"}
    assert send_form(alice, "/announcements/new/", **fields) == 303
    sent = re.compile(f'0 of 2 acknowledged\\s*<span class="visually-hidden"> of {title}<')
    until(lambda: sent.search(alice.request.get("/announcements/").text()))
    alice.goto("/announcements/")
    address = str(alice.get_by_role("link", name=title, exact=True).get_attribute("href"))
    assert send_form(bob, f"{address}acknowledgement/") == 303
    alice.get_by_role("link", name=re.compile(f"acknowledged.*{title}$")).click()
    wait_until_connected(alice)
    expect(alice.locator("#roll-count")).to_have_text("1 of 2 acknowledged")
    expect(alice.get_by_text("Not yet")).to_be_visible()
    expect_no_barriers(alice)
