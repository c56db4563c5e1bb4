"""Writing with help: drafts on all devices, completion by keys, previews, copies of code, and what was edited."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, expect

from tests.browser.pages import (
    composer,
    edit,
    enter_room,
    expect_messages,
    expect_unsent,
    fresh_name,
    hold,
    message,
    open_chat,
    post,
    wait_for,
)

People = Callable[..., Page]
KEPT = "**/chats/*/draft/"
POSTS = "**/chats/*/messages/"


def write(page: Page, text: str) -> None:
    """Write something, and wait until the site has kept it."""
    with page.expect_response(KEPT) as answer:
        composer(page).press_sequentially(text)
    assert answer.value.status == 204


def test_a_draft_is_on_another_device_until_it_is_sent(person: People) -> None:
    desk, phone = person("alice"), person("alice", viewport={"width": 390, "height": 844})
    chat = enter_room(desk, fresh_name("Begun"))
    open_chat(desk, chat)
    write(desk, "begun here")
    open_chat(phone, chat)
    expect(composer(phone)).to_have_value("begun here")
    post(phone, "begun here and sent there")
    desk.reload()
    expect(composer(desk)).to_have_value("")
    expect_messages(desk, "begun here and sent there")


def test_a_message_that_is_sent_at_once_costs_no_draft(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Quick")))
    kept: list[str] = []
    alice.on("request", lambda request: kept.append(request.url) if request.url.endswith("/draft/") else None)
    post(alice, "quick")
    expect_messages(alice, "quick")
    with alice.expect_request(KEPT):
        composer(alice).press_sequentially("slow")
    assert len(kept) == 1, "that of the second text, and none of the first"


def test_what_could_not_be_sent_is_a_draft_on_another_device(person: People) -> None:
    desk, other = person("alice"), person("alice")
    chat = enter_room(desk, fresh_name("Failed"))
    open_chat(desk, chat)
    held = hold(desk, POSTS)
    composer(desk).fill("not lost")
    with desk.expect_response(KEPT):
        composer(desk).press("Enter")
    held[0].abort()
    expect_unsent(desk, "not lost")
    open_chat(other, chat)
    expect(composer(other)).to_have_value("not lost")


TAKE_BACK_WHILE_LEAVING = """() => {
  const until = async (fact) => { while (!await fact()) await new Promise((done) => setTimeout(done, 20)) }
  const takeBack = async () => {
    await until(async () => (await fetch("/asked")).ok)
    bellwire.panes.of(document.getElementById("composer")).draft.keep("")
    await until(() => !Object.keys(sessionStorage).some((key) => key.startsWith("unsaved:")))
    await fetch("/kept")
  }
  setTimeout(() => location.reload())
  takeBack()
}"""


def test_what_was_kept_while_the_page_was_on_its_way_is_newer_than_the_page(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Overtaken"))
    open_chat(alice, chat)
    write(alice, "taken back")
    pages, kept = hold(alice, f"**{chat}"), hold(alice, "**/kept")
    alice.route("**/asked", lambda route: route.fulfill(status=200 if before else 404))
    before: list[APIResponse] = []
    # While it leaves, the page can be asked nothing from here.
    alice.evaluate(TAKE_BACK_WHILE_LEAVING)
    wait_for(alice, lambda: bool(pages))
    before.append(pages[0].fetch())
    assert "taken back" in before[0].text()
    wait_for(alice, lambda: bool(kept))
    with alice.expect_navigation():
        pages[0].fulfill(response=before[0])
    expect(composer(alice)).to_have_value("")


def test_what_only_this_tab_has_is_not_lost_to_what_the_site_has(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Newer"))
    open_chat(alice, chat)
    write(alice, "first")
    alice.route(KEPT, lambda route: route.abort())
    composer(alice).fill("first and second")
    alice.reload()
    expect(composer(alice)).to_have_value("first and second")


@pytest.mark.every_engine
def test_people_and_emoji_are_completed_by_keys(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(bob, fresh_name("Complete"))
    post(bob, "here")
    open_chat(alice, chat)
    options = alice.get_by_role("option")
    composer(alice).press_sequentially("Hi @b")
    expect(options.first).to_contain_text("@bob")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(composer(alice)).to_have_attribute("aria-activedescendant", "completion-0")
    composer(alice).press("Enter")
    expect(composer(alice)).to_have_value("Hi @bob ")
    expect(options).to_have_count(0)
    composer(alice).press_sequentially("so :tad")
    expect(options.first).to_contain_text(":tada:")
    composer(alice).press("Tab")
    expect(composer(alice)).to_have_value("Hi @bob so 🎉 ")
    composer(alice).press_sequentially("at 10:30 :smi")
    expect(options).not_to_have_count(0)
    first = options.first.inner_text()
    composer(alice).press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    composer(alice).press("ArrowUp")
    expect(options.filter(has_text=first).first).to_have_attribute("aria-selected", "true")
    composer(alice).press("Escape")
    expect(options).to_have_count(0)
    composer(alice).press("Enter")
    expect_messages(alice, "here", "Hi @bob so 🎉 at 10:30 :smi")


def test_a_whole_name_is_sent_by_enter(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Whole")))
    composer(alice).press_sequentially("hi @bob")
    expect(alice.get_by_role("option")).to_contain_text(["@bob"])
    composer(alice).press("Enter")
    expect_messages(alice, "hi @bob")


@pytest.mark.parametrize(("typed", "sent"), [("b", "hi @bob"), ("ne", "hi @bone")], ids=["whole", "past"])
def test_enter_takes_no_option_of_what_was_typed_before(person: People, typed: str, sent: str) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Quick")))
    composer(alice).press_sequentially("hi @bo")
    expect(alice.get_by_role("option")).to_contain_text(["@bob"])
    # The answer to what is typed now is on its way for long.
    alice.route("**/mentions/**", lambda route: None)
    composer(alice).press_sequentially(typed)
    composer(alice).press("Enter")
    expect_messages(alice, sent)


def test_an_option_is_taken_by_a_press(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Press")))
    composer(alice).press_sequentially("@bo")
    alice.get_by_role("option", name="@bob").click()
    expect(composer(alice)).to_have_value("@bob ")
    expect(composer(alice)).to_be_focused()


def test_a_preview_follows_what_is_typed_and_goes_with_the_message(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Look")))
    composer(alice).press_sequentially("so **bold**")
    alice.get_by_role("button", name="Preview").click()
    preview = alice.get_by_role("region", name="Preview")
    expect(preview.locator("strong")).to_have_text("bold")
    composer(alice).press_sequentially(" :tada:")
    expect(preview).to_contain_text("🎉")
    expect_messages(alice)
    composer(alice).press("Enter")
    expect(preview).to_be_hidden()
    expect_messages(alice, "so bold 🎉")


@pytest.mark.chromium_only("Playwright lets no other browser read the clipboard")
def test_code_is_copied_whole_and_as_it_was_typed(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Code"))
    open_chat(bob, chat)
    open_chat(alice, chat)
    post(alice, "```py\ndef f(x):\n    return '<b>'\n```")
    bob.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(bob.locator(".hl-k")).to_have_text(["def", "return"])
    bob.locator("pre").hover()
    bob.get_by_role("button", name="Copy").click()
    expect(bob.get_by_role("button", name="Copied")).to_be_visible()
    assert bob.evaluate("navigator.clipboard.readText()") == "def f(x):\n    return '<b>'\n"


def test_others_see_what_a_message_said_before(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Before"))
    open_chat(alice, chat)
    post(alice, "first")
    open_chat(bob, chat)
    edit(alice, "first", "second")
    message(bob, "second").get_by_role("link", name="edited").click()
    expect(bob.locator("main .message-body")).to_have_text([re.compile("second"), re.compile("first")])
