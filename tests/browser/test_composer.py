"""Writing a message: what is typed is never lost, and never sent twice."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    FETCHED_POST,
    composer,
    enter_room,
    expect_focus,
    expect_messages,
    expect_unsent,
    fresh_name,
    hold,
    make_private_room,
    message,
    open_chat,
    open_profile,
    post,
    sign_in,
    sign_out,
    try_again,
    wait_for,
    wait_until_connected,
)
from tests.browser.proxy import Proxy
from tests.live.stack import Stack

People = Callable[..., Page]
POSTS = "**/chats/*/messages/"


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


@pytest.mark.every_engine
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
    expect_unsent(alice, "Not lost")
    expect(composer(alice)).to_have_value("")
    expect_messages(alice)
    try_again(alice, "Not lost")
    expect_messages(alice, "Not lost")


@pytest.mark.every_engine
def test_after_a_message_the_composer_is_ready_for_the_next(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Ready")))
    composer(alice).fill("sent")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect_messages(alice, "sent")
    expect_focus(composer(alice))
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


@pytest.mark.every_engine
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


@pytest.mark.parametrize("ahead", range(5))
def test_each_enter_is_a_message_in_order_however_late_the_answers_are(person: People, ahead: int) -> None:
    """`ahead` are typed while the one before them is on its way."""
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Fast")))
    words = ["one", "two", "three", "four", "five"]
    held = hold(alice, POSTS)
    typed = 0
    for answered in range(len(words)):
        for word in words[typed : answered + ahead + 1]:
            composer(alice).press_sequentially(word)
            composer(alice).press("Enter")
            expect(composer(alice)).to_have_value("")
            typed += 1
        wait_for(alice, lambda: len(held) > answered)  # noqa: B023 - it is called at once
        assert len(held) == answered + 1, "one after the other"
        held[answered].continue_()
    expect_messages(alice, *words)
    expect(composer(alice)).to_have_value("")


@pytest.mark.parametrize("how", ["Enter", "the button"])
def test_next_message_that_begins_like_the_one_on_its_way_is_whole(person: People, how: str) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Like")))
    held = hold(alice, POSTS)
    for text in ("ok", "ok, thanks"):
        composer(alice).press("ControlOrMeta+a")
        composer(alice).press_sequentially(text)
        if how == "Enter":
            composer(alice).press("Enter")
        else:
            alice.get_by_role("button", name="Send", exact=True).click()
    for count in (1, 2):
        wait_for(alice, lambda: len(held) == count)  # noqa: B023 - it is called at once
        held[-1].continue_()
    expect_messages(alice, "ok", "ok, thanks")


def test_author_sees_what_is_on_its_way(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Way")))
    held = hold(alice, POSTS)
    for text in ("<b>one</b>", "two"):
        composer(alice).fill(text)
        composer(alice).press("Enter")
    expect(alice.locator(".sending").get_by_text("Sending…")).to_be_visible()
    expect(alice.locator(".sending .message-author")).to_have_text(["Alice", "Alice"])
    expect(alice.locator(".sending .message-body")).to_have_text(["<b>one</b>", "two"])
    held[0].continue_()
    expect(alice.locator(".sending .message-body")).to_have_text(["two"])
    wait_for(alice, lambda: len(held) == 2)
    held[1].continue_()
    expect(alice.locator(".sending")).to_be_hidden()


LOST_ANSWER = pytest.param("lost answer", marks=FETCHED_POST)


def fail_behind(page: Page, *texts: str, typed: str = "", how: str = "abort") -> None:
    """Send messages of which the first fails while the others wait, and something is being typed."""
    held = hold(page, POSTS)
    for text in texts:
        composer(page).fill(text)
        composer(page).press("Enter")
    composer(page).press_sequentially(typed)
    wait_for(page, lambda: bool(held))
    if how == "abort":
        held[0].abort()
    elif how == "lost answer":
        held[0].fetch()
        held[0].abort()
    else:
        held[0].fulfill(status=int(how))
    page.unroute(POSTS)


@pytest.mark.parametrize("how", ["abort", LOST_ANSWER, "403", "404", "413", "429", "500", "502"])
def test_what_fails_stands_there_and_is_sent_again_as_it_was(person: People, how: str) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Fails"))
    open_chat(bob, chat)
    fail_behind(alice, "one", "two", "two", "<b>three</b>\nlines", typed="fo", how=how)
    expect_unsent(alice, "one", "two", "two", "<b>three</b>\nlines")
    expect(alice.get_by_role("list", name="Not sent").locator(".message-author").first).to_have_text("Alice")
    expect(composer(alice)).to_have_value("fo")
    expect(alice.locator("#composer").get_by_role("alert")).to_contain_text("That could not be sent")
    expect(alice.locator(".sending")).to_be_hidden()
    try_again(alice, "one")
    said: list[str | re.Pattern[str]] = ["one", "two", "two", re.compile(r"<b>three</b>\s+lines")]
    expect_messages(alice, *said)
    expect_messages(bob, *said)
    expect_unsent(alice)
    expect(alice.locator("#composer").get_by_role("alert")).to_have_count(0)
    expect_focus(composer(alice))
    expect(composer(alice)).to_have_value("fo")


def test_what_fails_again_keeps_its_place(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Order")))
    alice.route(POSTS, lambda route: route.abort())
    for text in ("one", "two", "three"):
        composer(alice).fill(text)
        composer(alice).press("Enter")
    expect_unsent(alice, "one", "two", "three")
    with alice.expect_event("requestfailed"):
        try_again(alice, "two")
    expect_unsent(alice, "one", "two", "three")
    alice.unroute(POSTS)
    post(alice, "four")
    expect_messages(alice, "four")
    expect_unsent(alice, "one", "two", "three")
    try_again(alice, "two")
    expect_messages(alice, "four", "two", "three")
    expect_unsent(alice, "one")


def test_message_that_failed_can_be_deleted(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Delete"))
    open_chat(bob, chat)
    fail_behind(alice, "one", "two")
    alice.locator(".unsent li").filter(has_text="one").get_by_role("button", name="Delete").click()
    expect_unsent(alice, "two")
    expect_focus(composer(alice))
    open_chat(alice, chat)
    expect_unsent(alice, "two")
    alice.get_by_role("button", name="Delete").click()
    expect_unsent(alice)
    expect(alice.locator("#composer").get_by_role("alert")).to_have_count(0)
    open_chat(alice, chat)
    expect_unsent(alice)
    expect(composer(alice)).to_have_value("")
    post(alice, "three")
    expect_messages(bob, "three")


@pytest.mark.parametrize("away", [True, False], ids=["another-page", "reload"])
@pytest.mark.parametrize("how", ["abort", LOST_ANSWER])
def test_what_was_not_sent_outlives_the_page(person: People, how: str, away: bool) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Leave"))
    open_chat(alice, chat)
    fail_behind(alice, "one", "two", typed="three", how=how)
    expect_unsent(alice, "one", "two")
    if away:
        open_profile(alice)
    open_chat(alice, chat)
    expect_unsent(alice, "one", "two")
    expect(composer(alice)).to_have_value("three")
    try_again(alice, "one")
    expect_unsent(alice)
    composer(alice).press("Enter")
    expect_messages(alice, "one", "two", "three")


@FETCHED_POST
def test_what_is_on_its_way_outlives_the_page(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Leave"))
    open_chat(alice, chat)
    held = hold(alice, POSTS)
    for text in ("one", "two"):
        composer(alice).fill(text)
        composer(alice).press("Enter")
    composer(alice).fill("three")
    wait_for(alice, lambda: bool(held))
    # The site has taken the first, and the page goes before it hears of that.
    held[0].fetch()
    open_chat(alice, chat)
    alice.unroute(POSTS)
    expect_unsent(alice, "one", "two")
    expect(composer(alice)).to_have_value("three")
    try_again(alice, "one")
    expect_messages(alice, "one", "two")


def test_refused_message_comes_back_before_what_was_typed_and_those_behind_it_wait(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Refused")))
    held = hold(alice, POSTS)
    for text in ("x" * 10_001, "two\nlines", "three"):
        composer(alice).fill(text)
        composer(alice).press("Enter")
    composer(alice).press_sequentially("fo")
    wait_for(alice, lambda: bool(held))
    held[0].continue_()
    alice.unroute(POSTS)
    expect(alice.locator("#composer").get_by_role("alert")).to_contain_text("This is too long")
    expect(composer(alice)).to_have_value(f"{'x' * 10_001}\nfo")
    expect_unsent(alice, "two\nlines", "three")
    post(alice, "one")
    try_again(alice, "two")
    expect_messages(alice, "one", re.compile(r"two\s+lines"), "three")


def test_caret_stays_where_it_was_when_something_comes_back(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Caret")))
    held = hold(alice, POSTS)
    composer(alice).fill("x" * 10_001)
    composer(alice).press("Enter")
    composer(alice).press_sequentially("two")
    composer(alice).press("ArrowLeft")
    wait_for(alice, lambda: bool(held))
    held[0].continue_()
    expect(composer(alice)).to_have_value(f"{'x' * 10_001}\ntwo")
    composer(alice).press_sequentially("_")
    expect(composer(alice)).to_have_value(f"{'x' * 10_001}\ntw_o")


def test_double_click_on_the_button_is_one_message_and_no_reproach(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Double")))
    composer(alice).fill("once")
    with alice.expect_response(POSTS):
        alice.get_by_role("button", name="Send", exact=True).dblclick()
    post(alice, "then")
    expect_messages(alice, "once", "then")
    expect(alice.locator("#composer").get_by_role("alert")).to_have_count(0)


PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
TABLET = {"viewport": {"width": 1024, "height": 768}, "is_mobile": True, "has_touch": True}


@pytest.mark.parametrize("device", [PHONE, TABLET], ids=["phone", "tablet"])
def test_enter_begins_a_new_line_where_there_is_no_keyboard(person: People, device: dict[str, object]) -> None:
    alice = person("alice", **device)
    chat = enter_room(alice, fresh_name("Phone"))
    open_chat(alice, chat)
    composer(alice).press_sequentially("one\ntwo")
    expect(composer(alice)).to_have_value("one\ntwo")
    expect(alice.get_by_text("for a new line")).to_be_hidden()
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator("#messages .message-body br")).to_have_count(1)
    composer(alice).press_sequentially("three")
    composer(alice).press("Control+Enter")
    expect(message(alice, "three")).to_be_visible()


def test_hint_names_the_keys_where_there_is_a_keyboard(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Hint")))
    composer(alice).fill("x")
    expect(alice.get_by_text("for a new line")).to_be_visible()


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
    expect_unsent(alice, "Can you hear me?")
    expect_focus(composer(alice))
    expect_messages(bob)
    proxy.is_down = False
    try_again(alice, "Can you hear me?")
    expect_unsent(alice)
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
    expect_unsent(alice, "Did it arrive?")
    proxy.swallows_answers = proxy.is_down = False
    try_again(alice, "Did it arrive?")
    expect_unsent(alice)
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
    bob.bring_to_front()
    toast = bob.locator(".bell-toast").filter(has_text="Lunch")
    toast.get_by_role("button", name="Dismiss").press("Enter")
    expect(toast).to_have_count(0)
