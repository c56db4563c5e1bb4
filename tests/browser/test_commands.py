"""Slash commands in the box: proposed by keys, a poll that two people vote in, and what is refused stays."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.pages import composer, enter_room, expect_messages, fresh_name, message, open_chat, post

People = Callable[..., Page]


def test_a_poll_is_completed_by_keys_and_voted_in_by_others(person: People) -> None:
    alice, bob = person("alice"), person("bob", color_scheme="dark", viewport={"width": 390, "height": 844})
    chat = enter_room(alice, fresh_name("Polls"))
    open_chat(bob, chat)
    composer(alice).press_sequentially("/po")
    option = alice.get_by_role("option")
    expect(option).to_contain_text("/poll")
    expect(option).to_have_attribute("aria-selected", "true")
    composer(alice).press("Enter")
    expect(composer(alice)).to_have_value("/poll ")
    expect(option).to_have_count(0)
    composer(alice).press_sequentially('"Where to?" "The lake" "The hills"')
    composer(alice).press("Enter")
    expect_messages(bob, "📊 Where to?\n1️⃣ The lake\n2️⃣ The hills")
    votes = message(bob, "Where to?").locator(".reaction")
    expect(votes).to_have_text(["1️⃣ 1", "2️⃣ 1"])
    votes.nth(1).click()
    expect(votes.nth(1)).to_have_accessible_name("2️⃣ 2: Poll (bot) and Bob")
    hers = message(alice, "Where to?").locator(".reaction")
    expect(hers.nth(1)).to_have_accessible_name("2️⃣ 2: Poll (bot) and Bob")
    votes.nth(1).click()
    expect(hers.nth(1)).to_have_accessible_name("2️⃣ 1: Poll (bot)")


def test_an_unknown_command_stays_in_the_box_with_the_reason_and_can_be_said(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Unknown"))
    composer(alice).fill("/deplyo main")
    composer(alice).press("Enter")
    expect(alice.locator("#composer").get_by_role("alert")).to_contain_text("Nobody here knows the command /deplyo.")
    expect(composer(alice)).to_have_value("/deplyo main")
    expect_messages(alice)
    asked = []
    alice.on("request", lambda request: asked.append(urlsplit(request.url).path))
    composer(alice).press("Home")
    composer(alice).press_sequentially("/")
    composer(alice).press("Enter")
    expect_messages(alice, "/deplyo main")
    assert not [path for path in asked if "commands" in path], "nothing is proposed that Enter would take instead"
    post(alice, "/etc/hosts is a path")
    expect_messages(alice, "/deplyo main", "/etc/hosts is a path")


def test_only_the_beginning_of_a_message_is_completed(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Beginning"))
    composer(alice).press_sequentially("see @b")
    expect(alice.get_by_role("option").first).to_contain_text("@bob")
    composer(alice).fill("")
    composer(alice).press_sequentially("and /")
    expect(alice.get_by_role("option")).to_have_count(0)
    composer(alice).fill("")
    composer(alice).press_sequentially("/")
    expect(alice.get_by_role("option")).to_contain_text(["/poll"])
    composer(alice).press("Escape")
    expect(alice.get_by_role("option")).to_have_count(0)
