"""Writing a message: what is typed is never lost, and never sent twice."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    composer,
    enter_room,
    expect_messages,
    fresh_name,
    hold,
    make_private_room,
    open_chat,
    open_profile,
    post,
    sign_in,
    sign_out,
    wait_until_connected,
)
from tests.browser.proxy import Proxy
from tests.live.stack import Stack

People = Callable[..., Page]
POSTS = "**/chats/*/messages/"
SEND_AT_ONCE = """text => {
    const answered = document.getElementById("composer")
    const observer = new MutationObserver(() => {
        const form = document.getElementById("composer")
        if (form === answered) return
        observer.disconnect()
        form.elements.body.value = text
        form.elements.body.dispatchEvent(new Event("input", { bubbles: true }))
        form.requestSubmit()
    })
    observer.observe(answered.parentElement, { childList: true })
}"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Write something first."),
        (" \n ", "Write something first."),
        ("x" * 10_001, "This is too long: 10,001 characters, and at most 10,000 are possible."),
    ],
    ids=["empty", "blank", "too-long"],
)
def test_refused_message_stays_in_the_composer_with_the_reason(person: People, text: str, says: str) -> None:
    """F15, 422: what the site itself refuses."""
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Refused")))
    composer(alice).fill(text)
    with alice.expect_response(POSTS) as answer:
        alice.get_by_role("button", name="Send", exact=True).click()
    assert answer.value.status == 422
    expect(alice.locator("#composer").get_by_role("alert")).to_have_text(says)
    expect(composer(alice)).to_have_value(text)
    post(alice, "short")
    expect_messages(alice, "short")
    expect(alice.locator("#composer").get_by_role("alert")).to_have_count(0)


def test_longest_message_fits(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Long")))
    post(alice, "x" * 10_000)
    expect_messages(alice, "x" * 10_000)


def test_shift_and_enter_begin_a_new_line(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Lines")))
    composer(alice).press_sequentially("one")
    composer(alice).press("Shift+Enter")
    composer(alice).press_sequentially("two")
    expect(composer(alice)).to_have_value("one\ntwo")
    composer(alice).press("Enter")
    expect(alice.locator("#messages .message-body br")).to_have_count(1)


def test_enter_that_chooses_a_word_sends_nothing(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Kana")))
    composer(alice).fill("にほん")
    # As Safari has it: the input method is done before the key is told of, and only its code says whose it was.
    composer(alice).dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "isComposing": False})
    composer(alice).press_sequentially("語")
    composer(alice).press("Enter")
    expect_messages(alice, "にほん語")


def test_message_of_a_session_that_has_ended_is_there_after_signing_in(person: People) -> None:
    alice = person()
    alice.goto("/")
    sign_in(alice, "alice")
    chat = enter_room(alice, fresh_name("Ended"))
    open_chat(alice, chat)
    alice.context.clear_cookies(name="sessionid")
    composer(alice).fill("Not lost")
    composer(alice).press("Enter")
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(alice, "alice")
    expect(composer(alice)).to_have_value("Not lost")
    expect_messages(alice)


def test_after_a_message_the_composer_is_ready_for_the_next(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Ready")))
    composer(alice).fill("sent")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect_messages(alice, "sent")
    expect(composer(alice)).to_be_focused()
    alice.reload()
    expect(composer(alice)).to_have_value("")


def test_draft_outlives_the_page(person: People) -> None:
    alice = person("alice")
    chat, other_chat = (enter_room(alice, fresh_name(name)) for name in ("Draft", "Other"))
    open_chat(alice, chat)
    composer(alice).fill("not sent yet")
    open_chat(alice, other_chat)
    expect(composer(alice)).to_have_value("")
    open_chat(alice, chat)
    expect(composer(alice)).to_have_value("not sent yet")


def test_what_is_typed_while_a_message_is_on_its_way_is_kept(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Fast")))
    held = hold(alice, POSTS)
    composer(alice).press_sequentially("sent")
    with alice.expect_request(POSTS):
        composer(alice).press("Enter")
    composer(alice).press_sequentially("next")
    held[0].continue_()
    expect_messages(alice, "sent")
    expect(composer(alice)).to_have_value("next")


def test_message_sent_the_moment_the_composer_is_back_is_taken(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Moment")))
    alice.evaluate(SEND_AT_ONCE, "second")
    post(alice, "first")
    expect_messages(alice, "first", "second")
    expect(composer(alice)).to_have_value("")


def test_message_sent_twice_at_once_is_one(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Twice")))
    held = hold(alice, POSTS)
    composer(alice).fill("once")
    with alice.expect_request(POSTS):
        composer(alice).press("Enter")
    composer(alice).press("Enter")
    alice.locator("#composer").evaluate("form => form.requestSubmit()")
    for route in held:
        route.continue_()
    alice.unroute(POSTS)
    expect(composer(alice)).to_have_value("")
    post(alice, "then")
    expect_messages(alice, "once", "then")


def test_same_form_sent_again_is_one_message(person: People) -> None:
    # As a browser does that sends a request again: both carry the form's one client_id.
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Again"))
    wait_until_connected(alice)
    form = dict(alice.locator("#composer").evaluate("form => [...new FormData(form)]"))
    answers = [alice.request.post(f"{chat}messages/", form={**form, "body": "once"}, max_redirects=0) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    open_chat(alice, chat)
    post(alice, "then")
    expect_messages(alice, "once", "then")


def test_unreachable_site_keeps_the_text_and_a_retry_makes_one_message(person: People, proxy: Proxy) -> None:
    """F15, cut: before the site has heard of it."""
    alice, bob = person("alice", site=proxy.url), person("bob")
    chat = enter_room(alice, fresh_name("Away"))
    wait_until_connected(alice)
    open_chat(bob, chat)
    proxy.is_down = True
    proxy.cut()
    composer(alice).fill("Can you hear me?")
    composer(alice).press("Enter")
    reason = alice.locator("#composer").get_by_text("the site does not answer")
    expect(reason).to_be_visible()
    expect(composer(alice)).to_have_value("Can you hear me?")
    expect(composer(alice)).to_be_focused()
    expect_messages(bob)
    proxy.is_down = False
    composer(alice).press("Enter")
    expect(composer(alice)).to_have_value("")
    expect(reason).to_be_hidden()
    wait_until_connected(alice)
    post(alice, "Good.")
    for page in (alice, bob):
        expect_messages(page, "Can you hear me?", "Good.")


def test_retry_after_a_lost_answer_makes_one_message(person: People, proxy: Proxy) -> None:
    """F15, cut: when the site has taken it."""
    alice, bob = person("alice", site=proxy.url), person("bob")
    chat = enter_room(alice, fresh_name("Lost"))
    wait_until_connected(alice)
    open_chat(bob, chat)
    proxy.swallows_answers = True
    composer(alice).fill("Did it arrive?")
    composer(alice).press("Enter")
    expect_messages(bob, "Did it arrive?")
    proxy.is_down = True
    proxy.cut()
    expect(alice.locator("#composer").get_by_text("the site does not answer")).to_be_visible()
    expect(composer(alice)).to_have_value("Did it arrive?")
    proxy.swallows_answers = proxy.is_down = False
    composer(alice).press("Enter")
    expect(composer(alice)).to_have_value("")
    wait_until_connected(alice)
    post(alice, "It did.")
    for page in (alice, bob):
        expect_messages(page, "Did it arrive?", "It did.")


def test_another_message_on_a_page_from_history_is_not_lost(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Back")))
    post(alice, "first")
    open_profile(alice)
    alice.go_back()
    wait_until_connected(alice)
    post(alice, "second")
    expect_messages(alice, "first", "second")


def test_draft_is_not_shown_to_the_next_person_on_the_tab(person: People) -> None:
    page = person()
    page.goto("/accounts/login/")
    sign_in(page, "alice")
    chat = enter_room(page, fresh_name("Shared"))
    composer(page).fill("for my eyes only")
    sign_out(page)
    sign_in(page, "carol")
    open_chat(page, chat)
    expect(composer(page)).to_have_value("")


def test_enter_presses_buttons_where_the_composer_has_gone(person: People, stack: Stack) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Gone"), "bob")
    open_chat(bob, chat)
    alice.goto(f"{chat}members/")
    alice.get_by_role("button", name="Remove Bob").click()
    expect(composer(bob)).to_have_count(0)
    subprocess.run([sys.executable, "manage.py", "notify", "bob", "Lunch"], cwd=stack.code, env=stack.env, check=True)
    toast = bob.locator(".bell-toast").filter(has_text="Lunch")
    toast.get_by_role("button", name="Dismiss").press("Enter")
    expect(toast).to_have_count(0)
