"""Editing has the keys of writing, leaves the focus where it was, and loses no text that is being written."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    composer,
    delete,
    edit,
    enter_room,
    expect_focus,
    expect_messages,
    fresh_name,
    hold,
    message,
    open_chat,
    post,
    post_at_once,
    send_form,
    sign_in,
    tap,
    wait_for,
)

People = Callable[..., Page]
ONE = "**/messages/*/"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def begin(page: Page, text: str) -> Locator:
    """Open the form of a message by the keyboard; return the message, whatever it says by then."""
    article = page.locator(f"#{message(page, text).get_attribute('id')}")
    article.get_by_role("link", name="Edit", exact=True).focus()
    page.keyboard.press("Enter")
    expect_focus(article.get_by_label("Message"))
    return article


def elsewhere(alice: Page, article: Locator, **fields: str) -> None:
    """Change the message as from another device of alice's."""
    pk = (article.get_attribute("id") or "").rpartition("-")[2]
    assert send_form(alice, f"/messages/{pk}/", **fields) == 303


@pytest.fixture
def alice(person: People) -> Page:
    """alice, in a room of her own in which she has said three things."""
    page = person("alice")
    open_chat(page, enter_room(page, fresh_name("Edits")))
    for text in ("first", "second", "third"):
        post(page, text)
    expect_messages(page, "first", "second", "third")
    return page


@pytest.mark.parametrize("key", ["Enter", "Control+Enter"])
def test_enter_saves_and_the_focus_is_on_edit_again(alice: Page, key: str) -> None:
    article = begin(alice, "second")
    article.get_by_label("Message").press_sequentially(", to be sure")
    article.get_by_label("Message").press(key)
    expect_messages(alice, "first", "second, to be sure", "third")
    expect_focus(article.get_by_role("link", name="Edit", exact=True))


def test_shift_and_enter_begin_a_line(alice: Page) -> None:
    article = begin(alice, "second")
    article.get_by_label("Message").press("Shift+Enter")
    article.get_by_label("Message").press_sequentially("line")
    expect(article.get_by_label("Message")).to_have_value("second\nline")
    article.get_by_label("Message").press("Enter")
    expect(article.locator("br")).to_have_count(1)


def test_enter_that_chooses_a_word_does_not_save(alice: Page) -> None:
    article = begin(alice, "second")
    article.get_by_label("Message").fill("にほん")
    for more in ({"keyCode": 229}, {"isComposing": True}):
        article.get_by_label("Message").dispatch_event("keydown", {"key": "Enter", **more})
    article.get_by_label("Message").dispatch_event("keydown", {"key": "Escape", "isComposing": True})
    article.get_by_label("Message").press_sequentially("語")
    article.get_by_label("Message").press("Enter")
    expect_messages(alice, "first", "にほん語", "third")


@pytest.mark.every_engine
def test_escape_cancels_and_the_focus_is_on_edit_again(alice: Page) -> None:
    article = begin(alice, "second")
    article.get_by_label("Message").fill("not meant")
    article.get_by_label("Message").press("Escape")
    expect_messages(alice, "first", "second", "third")
    expect_focus(article.get_by_role("link", name="Edit", exact=True))


@pytest.mark.parametrize("button", ["Save", "Cancel"])
def test_after_a_button_the_focus_is_on_edit_again(alice: Page, button: str) -> None:
    article = begin(alice, "second")
    article.get_by_text(button, exact=True).focus()
    alice.keyboard.press("Enter")
    expect(article.get_by_label("Message")).to_have_count(0)
    expect_focus(article.get_by_role("link", name="Edit", exact=True))


@pytest.mark.parametrize("from_form", [True, False], ids=["form", "action"])
def test_after_a_deletion_the_focus_is_on_what_is_left(alice: Page, from_form: bool) -> None:
    article = begin(alice, "second") if from_form else alice.locator("#messages article").nth(1)
    alice.once("dialog", lambda dialog: dialog.accept())
    article.locator(".edit" if from_form else ".message-actions").get_by_text("Delete", exact=True).focus()
    alice.keyboard.press("Enter")
    expect(article).to_contain_text("This message was deleted.")
    expect_focus(article)


def test_focus_outlives_a_change_from_elsewhere(alice: Page) -> None:
    article = alice.locator("#messages article").nth(1)
    for fields in ({"body": "2nd"}, {"delete": "1"}):
        article.get_by_role("link", name="Edit", exact=True).focus()
        elsewhere(alice, article, **fields)
        expect(message(alice, "second")).to_have_count(0)
        expect_focus(article.get_by_role("link", name="Edit", exact=True) if "body" in fields else article)


def test_focus_is_not_taken_from_who_has_gone_on(alice: Page) -> None:
    article = begin(alice, "second")
    held = hold(alice, ONE)
    article.get_by_label("Message").fill("2nd")
    article.get_by_label("Message").press("Enter")
    wait_for(alice, lambda: bool(held))
    composer(alice).press_sequentially("next")
    held[0].continue_()
    expect_messages(alice, "first", "2nd", "third")
    expect_focus(composer(alice))
    expect(composer(alice)).to_have_value("next")


@pytest.mark.every_engine
def test_arrow_up_in_an_empty_composer_edits_the_last_of_ones_own(alice: Page, person: People) -> None:
    bob = person("bob")
    open_chat(bob, alice.url)
    post(bob, "bob's")
    delete(alice, "third")
    expect_messages(alice, "first", "second", "This message was deleted.", "bob's")
    composer(alice).fill("not empty")
    composer(alice).press("ArrowUp")
    expect(alice.locator(".edit")).to_have_count(0)
    composer(alice).fill("")
    composer(alice).press("ArrowUp")
    field = message(alice, "Save").get_by_label("Message")
    expect_focus(field)
    expect(field).to_have_value("second")
    field.press_sequentially("!")
    field.press("Enter")
    expect_messages(alice, "first", "second!", "This message was deleted.", "bob's")
    expect_focus(composer(alice))


def test_arrow_up_does_nothing_where_one_has_said_nothing(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Quiet")))
    composer(alice).press("ArrowUp")
    expect_focus(composer(alice))


def test_on_a_phone_enter_begins_a_line(person: People) -> None:
    alice = person("alice", **PHONE)
    chat = enter_room(alice, fresh_name("Phone"))
    post_at_once(alice, chat, ["one"])
    open_chat(alice, chat)
    tap(alice.locator("article").get_by_role("link", name="Edit", exact=True))
    field = alice.locator("article").get_by_label("Message")
    expect_focus(field)
    field.press_sequentially("\ntwo")
    expect(field).to_have_value("one\ntwo")
    tap(alice.get_by_role("button", name="Save"))
    expect(alice.locator("article br")).to_have_count(1)


@pytest.mark.parametrize("path", ["", "?before=3"], ids=["live", "older"])
def test_editing_leaves_no_errors_in_the_console(alice: Page, path: str, errors: list[str]) -> None:
    alice.goto(f"{alice.url}{path}")
    begin(alice, "first").get_by_role("link", name="Cancel").click()
    expect(alice.locator(".edit")).to_have_count(0)
    edit(alice, "first", "1st")
    begin(alice, "second").get_by_label("Message").press("Escape")
    expect(alice.locator(".edit")).to_have_count(0)
    article = begin(alice, "second")
    alice.once("dialog", lambda dialog: dialog.accept())
    article.locator(".edit").get_by_role("link", name="Delete").click()
    expect(alice.locator(".edit")).to_have_count(0)
    assert errors == []


def test_text_of_an_edit_outlives_a_change_from_elsewhere(alice: Page) -> None:
    article = begin(alice, "second")
    field = article.get_by_label("Message")
    field.press_sequentially(" th")
    elsewhere(alice, article, body="2nd")
    expect(article.get_by_role("alert").filter(visible=True)).to_contain_text("changed elsewhere")
    field.press_sequentially("ought")
    expect(field).to_have_value("second thought")
    field.press("Enter")
    expect_messages(alice, "first", "second thought", "third")


def test_cancelling_shows_what_came_from_elsewhere(alice: Page) -> None:
    article = begin(alice, "second")
    elsewhere(alice, article, body="2nd")
    expect(article.get_by_role("alert").filter(visible=True)).to_be_visible()
    article.get_by_label("Message").press("Escape")
    expect_messages(alice, "first", "2nd", "third")


def test_answer_that_is_older_than_what_came_from_elsewhere_does_not_stay(alice: Page) -> None:
    article = begin(alice, "second")
    held = hold(alice, f"{ONE}?cancel")
    article.get_by_label("Message").press("Escape")
    wait_for(alice, lambda: bool(held))
    answer = held[0].fetch()
    elsewhere(alice, article, body="2nd")
    expect(alice.locator("[id^=cursor-chat-]")).to_have_attribute("data-seq", "4")
    held[0].fulfill(response=answer)
    expect_messages(alice, "first", "2nd", "third")
    expect_focus(article.get_by_role("link", name="Edit", exact=True))


def test_text_of_an_edit_outlives_a_deletion_from_elsewhere(alice: Page) -> None:
    article = begin(alice, "second")
    field = article.get_by_label("Message")
    field.fill("a long letter")
    elsewhere(alice, article, delete="1")
    expect(article.get_by_role("alert").filter(visible=True)).to_contain_text("deleted elsewhere")
    with alice.expect_response(ONE) as answer:
        field.press("Enter")
    assert answer.value.status == 422
    expect(article.get_by_role("alert").filter(visible=True)).to_contain_text("was deleted meanwhile")
    expect(field).to_have_value("a long letter")
    field.press("Escape")
    expect_messages(alice, "first", "This message was deleted.", "third")


def test_text_of_an_edit_outlives_a_list_that_comes_afresh(alice: Page) -> None:
    """As after an outage in which more was said than is told one by one."""
    article = begin(alice, "third")
    field = article.get_by_label("Message")
    field.fill("3rd")
    message(alice, "first").evaluate("shown => { shown.dataset.old = 'yes' }")
    # The site knows no such place, and gives all that it has.
    alice.evaluate("() => htmx.trigger('#live', 'bellwire:poll', { after: 99 })")
    expect(alice.locator("[data-old]")).to_have_count(0)
    expect_focus(field)
    field.press_sequentially("!")
    field.press("Enter")
    expect_messages(alice, "first", "second", "3rd!")


def test_edit_that_could_not_be_sent_goes_on_where_it_was(alice: Page) -> None:
    article = begin(alice, "second")
    field = article.get_by_label("Message")
    alice.route(ONE, lambda route: route.abort())
    field.fill("2nd")
    field.press("Enter")
    expect(alice.locator("#toasts").get_by_text("That could not be done")).to_be_visible()
    expect_focus(field)
    alice.unroute(ONE)
    field.press("Enter")
    expect_messages(alice, "first", "2nd", "third")


def test_text_of_an_edit_outlives_the_session_and_the_page(person: People) -> None:
    alice = person()
    alice.goto("/")
    sign_in(alice, "alice")
    open_chat(alice, enter_room(alice, fresh_name("Ended")))
    post(alice, "first")
    post(alice, "second")
    expect_messages(alice, "first", "second")
    begin(alice, "second").get_by_label("Message").fill("a long letter")
    alice.context.clear_cookies(name="sessionid")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(alice, "alice")
    expect_messages(alice, "first", "second")
    article = begin(alice, "second")
    expect(article.get_by_label("Message")).to_have_value("a long letter")
    alice.keyboard.press("Escape")
    expect_messages(alice, "first", "second")
    expect(begin(alice, "second").get_by_label("Message")).to_have_value("second")
