"""Without JavaScript, Bellwire is a site of plain pages and forms."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import (
    composer,
    enter_room,
    expect_messages,
    fresh_name,
    make_private_room,
    message,
    post_at_once,
    sign_in,
    sign_out,
    unread_mark,
)
from tests.browser.test_jobs import card
from tests.live.stack import Stack, until

People = Callable[..., Page]


def send(page: Page, text: str) -> None:
    """Write a message and press the button."""
    composer(page).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def test_reading_and_writing(person: People) -> None:
    alice, bob = person(java_script_enabled=False), person("bob", java_script_enabled=False)
    alice.goto("/")
    sign_in(alice, "alice")
    name = fresh_name("Plain")
    chat = enter_room(alice, name)
    enter_room(bob, name)
    with alice.expect_response("**/messages/") as answer:
        send(alice, "Is **this** the telegraph?")
    assert answer.value.status == 303
    expect_messages(alice, "Is this the telegraph?")
    bob.goto("/")
    expect(unread_mark(bob, chat)).to_be_visible()
    bob.get_by_role("navigation", name="Chats").get_by_role("link", name=name).click()
    expect_messages(bob, "Is this the telegraph?")
    bob.get_by_role("button", name="Mark as read").click()
    expect(unread_mark(bob, chat)).to_be_hidden()
    sign_out(alice)
    alice.goto(chat)
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible()


def test_refused_message_keeps_its_text(person: People) -> None:
    alice = person("alice", java_script_enabled=False)
    enter_room(alice, fresh_name("No"))
    with alice.expect_response("**/messages/") as answer:
        send(alice, "x" * 10_001)
    assert answer.value.status == 422
    expect(alice.get_by_role("alert").filter(has_text="This is too long")).to_be_visible()
    expect(composer(alice)).to_have_value("x" * 10_001)


def test_edit_and_deletion(person: People) -> None:
    alice = person("alice", java_script_enabled=False)
    enter_room(alice, fresh_name("Change"))
    send(alice, "secnod")
    message(alice, "secnod").hover()
    message(alice, "secnod").get_by_role("link", name="Edit", exact=True).click()
    alice.get_by_role("main").get_by_label("Message", exact=True).fill("second")
    alice.get_by_role("button", name="Save", exact=True).click()
    expect_messages(alice, "second")
    expect(message(alice, "second").get_by_text("edited")).to_be_visible()
    message(alice, "second").hover()
    message(alice, "second").get_by_role("link", name="Delete").click()
    alice.get_by_role("button", name="Delete").click()
    expect_messages(alice, "This message was deleted.")


def test_a_thread_by_plain_forms(person: People) -> None:
    alice, bob = person("alice", java_script_enabled=False), person("bob", java_script_enabled=False)
    chat = enter_room(alice, fresh_name("Plain thread"))
    send(alice, "We launch on Friday.")
    bob.goto(chat)
    message(bob, "We launch on Friday.").hover()
    message(bob, "We launch on Friday.").get_by_role("link", name="More").click()
    bob.get_by_role("button", name="Reply in thread").click()
    send(bob, "Why not Monday?")
    expect_messages(bob, "Why not Monday?")
    bob.get_by_label("Also send to").check()
    send(bob, "Tuesday?")
    bob.get_by_role("link", name="To the message in its chat").click()
    expect_messages(bob, "We launch on Friday.", "Tuesday?")
    alice.goto(chat)
    alice.get_by_role("link", name="2 answers").click()
    expect_messages(alice, "Why not Monday?", "Tuesday?")
    alice.get_by_role("button", name="Unfollow").click()
    expect(alice.get_by_role("button", name="Follow", exact=True)).to_be_visible()


def test_older_messages_by_their_link(person: People) -> None:
    alice = person("alice", java_script_enabled=False)
    chat = enter_room(alice, fresh_name("Old"))
    post_at_once(alice, chat, [f"message {number}" for number in range(1, 54)])
    alice.goto(chat)
    expect_messages(alice, *(f"message {number}" for number in range(4, 54)))
    alice.get_by_role("link", name="Older messages").click()
    expect_messages(alice, "message 1", "message 2", "message 3")
    expect(alice.get_by_role("link", name="Older messages")).to_have_count(0)
    alice.get_by_role("link", name="Go to the newest").click()
    expect(message(alice, "message 53")).to_be_visible()


def test_background_task_by_plain_forms(person: People, stack: Stack) -> None:
    alice = person("alice", java_script_enabled=False)
    name = fresh_name("Plain export")
    alice.goto(f"{make_private_room(alice, name)}members/")
    job = card(alice, name)
    with stack.worker_away():
        alice.get_by_role("button", name="Export this chat").click()
        expect(job).to_contain_text("Waiting")
        job.get_by_role("button", name="Cancel").click()
        expect(job).to_contain_text("Cancelled")
        job.get_by_role("button", name="Retry").click()
        expect(job).to_contain_text("Waiting")
    until(lambda: alice.reload() and job.get_by_role("link", name="Download").count())
    expect(job).to_contain_text("Done")
    job.get_by_role("button", name="Dismiss").click()
    expect(job).to_have_count(0)
    expect(alice.locator(".job").filter(has_text=name)).to_be_visible()


def test_leaving_many_rooms_in_one_place(person: People) -> None:
    alice, bob = person("alice", java_script_enabled=False), person("bob", java_script_enabled=False)
    names = [fresh_name(f"Flood{number}") for number in range(3)]
    for name in names:
        make_private_room(alice, name, "bob")
    bob.goto("/")
    bob.get_by_role("main").get_by_role("link", name="Your chats").click()
    for name in names[:2]:
        bob.get_by_role("checkbox", name=name).check()
    bob.get_by_role("button", name="Leave all of these").click()
    expect(bob.get_by_role("status").filter(has_text="You have left 2 chats.")).to_be_visible()
    bob.get_by_role("button", name=f"Leave {names[2]}").click()
    for name in names:
        expect(bob.get_by_role("checkbox", name=name)).to_have_count(0)
