"""Who signs out leaves nothing in the browser, and comes back as before; who comes with an old form loses nothing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.engine import Open
from tests.browser.pages import (
    FETCHED_POST,
    composer,
    enter_room,
    expect_messages,
    expect_unsent,
    fresh_name,
    message,
    open_chat,
    post,
    send_form,
    sign_in,
    sign_out,
    try_again,
)
from tests.live.stack import Stack

People = Callable[..., Page]
SECRET = "for the members alone"
AGE = """() => {
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = "x"
    for (const element of document.querySelectorAll("[hx-headers]")) element.removeAttribute("hx-headers")
}"""
KEPT = "JSON.stringify(sessionStorage)"


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("online", [True, False], ids=["online", "offline"])
def test_back_after_signing_out_shows_nothing(open_context: Open, stack: Stack, script: bool, online: bool) -> None:
    """S41."""
    context = open_context(keeps_pages=True, base_url=stack.url, java_script_enabled=script)
    page = context.new_page()
    page.goto("/accounts/login/")
    sign_in(page, "alice")
    chat = enter_room(page, fresh_name("Secret"))
    assert send_form(page, f"{chat}messages/", body=SECRET) == 303
    page.goto(chat)
    about_it = message(page, SECRET).locator(".message-time").get_attribute("href") or ""
    own = ("/", "/accounts/profile/", "/accounts/password_change/", "/chats/new/", about_it)
    others = (f"{chat}members/", f"{chat}name/", "/notifications/", "/announcements/", "/announcements/new/", chat)
    visited = [*own, *others]
    for path in visited:
        page.goto(path)
    sign_out(page)
    context.set_offline(not online)
    for _ in visited:
        if online:
            page.go_back()
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        else:
            with pytest.raises(Error, match=r"ERR_INTERNET_DISCONNECTED|NS_ERROR_OFFLINE"):
                page.go_back()
        assert not re.search(f"{SECRET}|@alice|Secret|Announcements", page.locator("html").inner_html())
    context.set_offline(False)
    page.goto(chat)
    sign_in(page, "alice")
    expect_messages(page, SECRET)
    context.close()


@pytest.mark.parametrize("clears", [True, pytest.param(False, marks=FETCHED_POST)], ids=["told", "not-told"])
def test_no_tab_keeps_a_draft_after_signing_out(person: People, clears: bool) -> None:
    """Also where the browser does not heed what the answer says, as without HTTPS."""
    alice = person()
    alice.goto("/")
    sign_in(alice, "alice")
    chat = enter_room(alice, fresh_name("Draft"))
    other = alice.context.new_page()
    for page in (alice, other):
        open_chat(page, chat)
        composer(page).fill("not for you")
        assert "not for you" in page.evaluate(KEPT)
    if not clears:
        alice.route("**/accounts/logout/", keep_site_data)
    sign_out(alice)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    for page in (alice, other):
        assert "not for you" not in page.evaluate(KEPT)
    sign_in(alice, "bob")
    assert "not for you" not in alice.evaluate(KEPT)


def keep_site_data(route: Route) -> None:
    """Pass an answer on without what it says of the browser's storage."""
    answer = route.fetch(max_redirects=0)
    headers = {name: value for name, value in answer.headers.items() if name != "clear-site-data"}
    route.fulfill(response=answer, headers=headers)


def sign_in_anew(page: Page, name: str) -> None:
    """Sign out and in again in another tab: forms that are open are out of date."""
    tab = page.context.new_page()
    tab.goto("/")
    sign_out(tab)
    sign_in(tab, name)
    tab.close()


def test_text_of_a_form_that_is_out_of_date_can_be_sent_from_there(person: People) -> None:
    alice = person(java_script_enabled=False)
    alice.goto("/")
    sign_in(alice, "alice")
    enter_room(alice, fresh_name("Stale"))
    composer(alice).fill("A long letter,\nof two lines")
    sign_in_anew(alice, "alice")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.get_by_role("heading", name="Send it again?")).to_be_visible()
    expect(alice.get_by_role("textbox", name="What you had written")).to_have_value("A long letter,\nof two lines")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect_messages(alice, re.compile(r"A long letter,\s+of two lines"))


def test_text_of_a_form_is_not_shown_to_who_has_signed_in_instead(person: People) -> None:
    alice = person(java_script_enabled=False)
    alice.goto("/")
    sign_in(alice, "alice")
    chat = enter_room(alice, fresh_name("Stale"))
    composer(alice).fill("For my friends alone")
    sign_in_anew(alice, "carol")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.get_by_role("heading", name="Not allowed")).to_be_visible()
    expect(alice.locator("body")).not_to_contain_text("For my friends alone")
    alice.goto(chat)
    expect_messages(alice)
    expect(composer(alice)).to_have_value("")


def test_second_tab_at_sign_in_leads_on(person: People) -> None:
    alice = person()
    alice.goto("/accounts/profile/")
    tab = alice.context.new_page()
    tab.goto("/")
    sign_in(tab, "alice")
    sign_in(alice, "alice")
    expect(alice).to_have_url(re.compile("/accounts/profile/$"))


def test_composer_says_that_it_is_out_of_date_and_keeps_its_text(person: People) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Stale"))
    open_chat(alice, chat)
    alice.evaluate(AGE)
    composer(alice).fill("Still here")
    composer(alice).press("Enter")
    expect(alice.locator("#composer").get_by_text("you have signed in or out elsewhere")).to_be_visible()
    expect_unsent(alice, "Still here")
    alice.reload()
    expect_unsent(alice, "Still here")
    open_chat(alice, chat)
    try_again(alice, "Still here")
    expect_messages(alice, "Still here")


def test_what_else_is_out_of_date_says_so_in_a_toast(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Stale")))
    post(alice, "To be deleted")
    alice.evaluate(AGE)
    alice.once("dialog", lambda dialog: dialog.accept())
    message(alice, "To be deleted").hover()
    message(alice, "To be deleted").get_by_role("link", name="Delete").click()
    expect(alice.locator("#toasts")).to_contain_text("This page is out of date")
    expect_messages(alice, "To be deleted")
