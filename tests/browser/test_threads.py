"""Two people in a thread: what one answers is below the message, in the thread and in the other's list of chats."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    composer,
    enter_room,
    expect_focus,
    fresh_name,
    message,
    open_chat,
    post,
    send_form,
    wait_until_connected,
)

People = Callable[..., Page]


def begin_thread(page: Page, text: str, answer: str) -> None:
    """Answer a message for the first time, by its menu."""
    article = message(page, text)
    article.hover()
    article.get_by_role("link", name="More").click()
    page.get_by_role("button", name="Reply in thread").click()
    write(page, answer)


def write(page: Page, answer: str, of: int = 1) -> None:
    """Write an answer in the thread that is open, beside its chat or on a page of its own; it is seen `of` times."""
    field = page.get_by_placeholder("Write an answer")
    field.fill(answer)
    page.wait_for_load_state()
    field.press("Enter")
    expect(field).to_have_value("")
    expect(page.locator("article[id^=message-]", has_text=answer)).to_have_count(of)
    # What was on its way has made room for it.
    expect(page.locator("[data-sending] article")).to_have_count(0)


def test_an_answer_is_counted_where_it_belongs_and_read_in_its_thread(person: People) -> None:
    alice, bob = person("alice"), person("bob", color_scheme="dark", viewport={"width": 390, "height": 844})
    chat = enter_room(alice, fresh_name("Threads"))
    open_chat(bob, chat)
    post(alice, "We launch on Friday.")
    begin_thread(bob, "We launch on Friday.", "Why not Monday?")
    expect(bob.locator("#chat-name")).to_contain_text("Thread in")
    answers = message(alice, "We launch on Friday.").locator(".answers")
    expect(answers).to_contain_text("1 answer")
    entry = alice.locator("#chats [data-kind=thread]", has_text="We launch on Friday.")
    expect(entry.locator(".unread")).to_contain_text("1")
    answers.get_by_role("link").click()
    expect(beside(alice).locator("article", has_text="Why not Monday?")).to_be_visible()
    expect(entry.locator(".unread")).to_be_hidden()
    post(bob, "Or Tuesday?")
    expect(beside(alice).locator("article", has_text="Or Tuesday?")).to_be_visible()
    expect(entry.locator("[id^=chat-read-]")).to_have_attribute("data-seq", "2")
    expect(answers).to_contain_text("2 answers")
    expect(entry).to_be_hidden()


def test_an_answer_goes_to_the_chat_too_once_it_is_asked_for(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Both"))
    open_chat(bob, chat)
    post(alice, "Who brings cake?")
    begin_thread(bob, "Who brings cake?", "Not me.")
    bob.get_by_label("Also send to").check()
    write(bob, "Alice does!", of=2)
    expect(bob.get_by_label("Also send to")).not_to_be_checked()
    write(bob, "Only here.")
    message(alice, "Alice does!").get_by_role("link", name="Answer in a thread").click()
    expect(beside(alice).locator("article", has_text="Alice does!")).to_be_in_viewport()
    expect(alice.locator(".thread-root")).to_contain_text("Who brings cake?")
    expect(beside(alice).locator("article", has_text="Only here.")).to_be_visible()
    expect(message(bob, "Alice does!")).to_be_visible()
    expect(message(bob, "Only here.")).to_have_count(0)


def beside(page: Page) -> Locator:
    """Return the thread that stands beside a chat."""
    return page.locator(".pane.is-beside")


def test_two_people_talk_in_a_thread_beside_its_chat(person: People) -> None:
    alice, bob = person("alice"), person("bob", color_scheme="dark")
    chat = enter_room(alice, fresh_name("Beside"))
    open_chat(bob, chat)
    post(alice, "We launch on Friday.")
    begin_thread(bob, "We launch on Friday.", "Why not Monday?")
    assert "?thread=" in bob.url
    expect_focus(beside(bob).get_by_label("Answer", exact=True))
    message(alice, "We launch on Friday.").locator(".answers a").click()
    expect(beside(alice).get_by_role("log", name="Answers")).to_contain_text("Why not Monday?")
    wait_until_connected(alice)
    write(bob, "Or Tuesday?")
    expect(beside(alice).locator("article", has_text="Or Tuesday?")).to_be_visible()
    expect(message(alice, "We launch on Friday.").locator(".answers")).to_contain_text("2 answers")
    post(bob, "In the chat.")
    expect(message(alice, "In the chat.")).to_be_visible()
    expect(beside(alice).locator("article", has_text="In the chat.")).to_have_count(0)
    write(alice, "Tuesday it is.")
    expect(beside(bob).locator("article", has_text="Tuesday it is.")).to_be_visible()
    expect(message(bob, "Tuesday it is.")).to_have_count(0)
    expect(alice.locator("[ws-connect]")).to_have_count(1)


def test_the_address_keeps_a_thread_open_and_every_way_back_closes_it(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Address"))
    post(alice, "First")
    post(alice, "Second")
    begin_thread(alice, "First", "To the first")
    alice.reload()
    expect(beside(alice).locator("article")).to_contain_text("To the first")
    beside(alice).get_by_label("Answer", exact=True).press("Escape")
    expect(beside(alice)).to_have_count(0)
    expect_focus(message(alice, "First").locator(".answers a"))
    assert urlsplit(alice.url).path + urlsplit(alice.url).query == chat
    alice.keyboard.press("Enter")
    expect(beside(alice).locator("article")).to_contain_text("To the first")
    alice.go_back()
    expect(beside(alice)).to_have_count(0)
    alice.go_forward()
    expect(beside(alice).locator("article")).to_contain_text("To the first")
    beside(alice).get_by_role("link", name="Close the thread").click()
    expect(beside(alice)).to_have_count(0)
    expect(alice).to_have_url(re.compile(f"{chat}$"))
    begin_thread(alice, "Second", "To the second")
    message(alice, "First").locator(".answers a").click()
    expect(beside(alice).locator("article")).to_have_count(1)
    expect(beside(alice).locator("article")).to_contain_text("To the first")
    alice.go_back()
    expect(beside(alice)).to_have_count(0)
    expect(message(alice, "Second")).to_be_visible()


def test_what_is_written_beside_a_chat_is_kept_and_what_is_seen_there_is_read(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Kept"))
    open_chat(bob, chat)
    post(alice, "What now?")
    begin_thread(bob, "What now?", "one")
    entry = alice.locator("#chats [data-kind=thread]", has_text="What now?")
    expect(entry.locator(".unread")).to_contain_text("1")
    answers = message(alice, "What now?").locator(".answers a")
    answers.click()
    expect(entry.locator(".unread")).to_be_hidden()
    expect(entry.locator("[id^=chat-read-]")).to_have_attribute("data-seq", "1")
    composer(alice).fill("for the chat")
    beside(alice).get_by_label("Answer", exact=True).fill("half an answer")
    beside(alice).get_by_role("link", name="Close the thread").click()
    expect(composer(alice)).to_have_value("for the chat")
    answers.click()
    expect(beside(alice).get_by_label("Answer", exact=True)).to_have_value("half an answer")
    expect(composer(alice)).to_have_value("for the chat")


def test_messages_beside_a_chat_are_answered_edited_and_reacted_to_there(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Own"))
    post(alice, "Root")
    begin_thread(alice, "Root", "An answer")
    article = beside(alice).locator("article")
    article.hover()
    article.get_by_role("link", name="More").click()
    alice.get_by_role("button", name="Reply", exact=True).or_(
        alice.get_by_role("link", name="Reply", exact=True)
    ).click()
    expect(beside(alice).locator(".reply-to")).to_contain_text("An answer")
    expect(alice.locator("#composer .reply-to")).to_have_count(0)
    write(alice, "Answered")
    expect(beside(alice).locator("article", has_text="Answered").locator(".reply")).to_contain_text("An answer")
    beside(alice).get_by_label("Answer", exact=True).press("ArrowUp")
    edit = beside(alice).locator("article .edit textarea")
    expect(edit).to_have_value("Answered")
    edit.press("Escape")
    expect(edit).to_have_count(0)
    expect(beside(alice)).to_be_visible()


def test_a_narrow_window_has_a_thread_on_a_page_of_its_own(person: People) -> None:
    alice = person("alice", viewport={"width": 1000, "height": 800})
    chat = enter_room(alice, fresh_name("Narrow"))
    post(alice, "Root")
    begin_thread(alice, "Root", "An answer")
    expect(alice.locator("#chat-name")).to_contain_text("Thread in")
    thread = urlsplit(alice.url).path.split("/")[2]
    # A link that somebody has from a wide one.
    alice.goto(f"{chat}?thread={thread}")
    expect(beside(alice).locator("article")).to_be_visible()
    expect(message(alice, "Root")).to_be_hidden()
    beside(alice).get_by_role("link", name="Close the thread").click()
    expect(message(alice, "Root")).to_be_visible()


def test_without_scripts_a_thread_is_a_page_and_an_address_has_it_beside_its_chat(person: People) -> None:
    alice = person("alice", java_script_enabled=False)
    bob = person("bob")
    chat = enter_room(bob, fresh_name("Plain"))
    post(bob, "Root")
    alice.goto(chat)
    alice.get_by_role("link", name="More").click()
    alice.get_by_role("button", name="Reply in thread").click()
    alice.get_by_placeholder("Write an answer").fill("A plain answer")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator("article")).to_contain_text("A plain answer")
    thread = urlsplit(alice.url).path.split("/")[2]
    alice.goto(f"{chat}?thread={thread}")
    expect(beside(alice).locator("article")).to_contain_text("A plain answer")
    beside(alice).get_by_role("link", name="Close the thread").click()
    expect(alice).to_have_url(re.compile(f"{chat}$"))


def test_a_room_s_new_name_is_the_thread_s_too(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Before"))
    open_chat(bob, chat)
    bob.get_by_role("button", name="Join").click()
    post(alice, "Root")
    begin_thread(bob, "Root", "An answer")
    wait_until_connected(bob)
    now = fresh_name("After")
    assert send_form(alice, f"{chat}name/", name=now, kind="open") == 303
    expect(beside(bob).get_by_role("heading", level=1)).to_have_text(f"Thread in {now}")


def test_who_is_removed_from_a_chat_has_it_and_the_thread_beside_it_taken_off_the_page(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Both gone"))
    open_chat(bob, chat)
    post(bob, "I am here.")
    begin_thread(bob, "I am here.", "And here.")
    wait_until_connected(bob)
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(bob.get_by_role("heading", name="You can no longer see this chat")).to_be_visible()
    expect(beside(bob)).to_have_count(0)


def test_who_is_removed_from_the_chat_has_its_thread_taken_off_the_page(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Gone"))
    open_chat(bob, chat)
    post(bob, "I am here.")
    begin_thread(bob, "I am here.", "And here.")
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(bob.get_by_role("heading", name="You can no longer see this chat")).to_be_visible()
