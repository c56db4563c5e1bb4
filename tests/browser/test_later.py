"""Sending later and reminders: kept by one, seen by the other when the time has come, without a reload."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import composer, enter_room, expect_messages, fresh_name, message, open_chat, post
from tests.browser.test_reading import Shell
from tests.browser.test_reading import shell as shell

People = Callable[..., Page]
COME = """
from django.utils import timezone
from messaging.models import Later
Later.objects.filter(body__contains={!r}).update(first_at=timezone.now(), next_at=timezone.now())
answer = 0
"""


def let_come(shell: Shell, text: str) -> None:
    """Have the time come of what waits with this text."""
    shell(COME.format(text))


def test_a_message_is_sent_when_its_time_has_come(person: People, shell: Shell) -> None:
    alice, bob = person("alice"), person("bob", color_scheme="dark", viewport={"width": 320, "height": 640})
    chat, text = enter_room(alice, fresh_name("Later")), fresh_name("Good morning")
    open_chat(bob, chat)
    post(bob, "Hello")
    composer(alice).fill(text)
    alice.get_by_role("button", name="Send later").click()
    expect(alice.get_by_label("Message", exact=True)).to_have_value(text)
    alice.get_by_role("button", name="Tomorrow, 9:00").click()
    expect(alice.locator(".flash[role=status]")).to_contain_text("It will be sent on")
    expect(composer(alice)).to_have_value("")
    tab = alice.context.new_page()
    tab.goto("/later/")
    card = tab.get_by_role("listitem").filter(has_text=text)
    expect(card).to_be_visible()
    expect_messages(bob, "Hello")
    let_come(shell, text)
    # Beat has a worker look every five seconds.
    expect(message(bob, text)).to_be_visible(timeout=30_000)
    expect_messages(bob, "Hello", text)
    expect(card).to_have_count(0)
    expect(composer(alice)).to_have_value("")


def test_a_reminder_of_a_message_and_one_of_a_text_ring(person: People, shell: Shell) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Remind"))
    tea, text = fresh_name("tea"), fresh_name("Launch")
    composer(alice).fill(f"/remind at some time {tea}")
    composer(alice).press("Enter")
    expect(alice.locator("#composer").get_by_role("alert")).to_contain_text("Write /remind in 20 minutes tea")
    expect(composer(alice)).to_have_value(f"/remind at some time {tea}")
    composer(alice).fill(f"/remind in 20 minutes {tea}")
    composer(alice).press("Enter")
    expect(alice.locator("#composer .flash")).to_contain_text("You will be reminded on")
    expect(composer(alice)).to_have_value("")
    expect_messages(alice)
    post(alice, text)
    message(alice, text).hover()
    message(alice, text).get_by_role("link", name="More").click()
    alice.get_by_role("link", name="Remind me").click()
    alice.get_by_label("Note").fill(f"About {tea}")
    alice.get_by_role("button", name="1 hour").click()
    expect(message(alice, text)).to_be_visible()
    let_come(shell, tea)
    alice.goto("/notifications/")
    expect(alice.locator("#notifications")).to_contain_text(f"Reminder: {tea}", timeout=30_000)
    expect(alice.locator("#notifications")).to_contain_text(f"Reminder: About {tea} · {text}")
