"""Two people answer each other: the quote is on both pages, leads to what it quotes, and follows it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, expect_unsent, fresh_name, message, open_chat, post, try_again

People = Callable[..., Page]


def reply_to(page: Page, words: str) -> None:
    """Choose a message to answer, in its menu."""
    message(page, words).hover()
    message(page, words).get_by_role("link", name="More").click()
    page.get_by_role("link", name="Reply", exact=True).click()
    expect(page.locator(".reply-to")).to_contain_text(words)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_a_reply_quotes_leads_back_and_follows_an_edit(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Replies"))
    open_chat(bob, chat)
    post(alice, "We launch on Friday.")
    for number in range(12):
        post(alice, "line\n\n" * 4 + f"end {number}")
    expect(message(bob, "end 11")).to_be_visible()
    reply_to(bob, "We launch on Friday.")
    post(bob, "At noon?")
    expect(bob.locator(".reply-to")).to_have_count(0)
    post(bob, "Or later?")
    quote = message(alice, "At noon?").locator(".reply a")
    expect(quote).to_have_text("Alice We launch on Friday.")
    expect(message(alice, "Or later?").locator(".reply")).to_have_count(0)
    quote.click()
    original = alice.locator("#messages article").first
    expect(original).to_be_focused()
    expect(original).to_be_in_viewport()
    original.get_by_role("link", name="Edit").click()
    alice.locator(".edit textarea").fill("We launch on Monday.")
    alice.locator(".edit textarea").press("Enter")
    for page in (alice, bob):
        expect(message(page, "At noon?").locator(".reply a")).to_have_text("Alice We launch on Monday.")


def test_a_reply_can_be_taken_off_and_is_one_still_when_it_is_sent_again(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Replies"))
    post(alice, "First.")
    post(alice, "Second.")
    reply_to(alice, "First.")
    alice.get_by_label("Message", exact=True).press("Escape")
    expect(alice.locator(".reply-to")).to_have_count(0)
    reply_to(alice, "Second.")
    alice.route("**/messages/", lambda route: route.abort())
    alice.get_by_label("Message", exact=True).fill("Third.")
    alice.get_by_label("Message", exact=True).press("Enter")
    expect_unsent(alice, "Third.")
    expect(alice.locator(".reply-to")).to_have_count(0)
    alice.reload()
    expect_unsent(alice, "Third.")
    expect(alice.locator(".reply-to")).to_have_count(0)
    alice.unroute("**/messages/")
    try_again(alice, "Third.")
    expect(message(alice, "Third.").locator(".reply a")).to_have_text("Alice Second.")


def test_what_is_to_be_answered_is_there_after_a_reload_with_its_text(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Replies"))
    post(alice, "First.")
    reply_to(alice, "First.")
    alice.get_by_label("Message", exact=True).fill("Half a thou")
    alice.reload()
    expect(alice.get_by_label("Message", exact=True)).to_have_value("Half a thou")
    expect(alice.locator(".reply-to")).to_contain_text("First.")
    post(alice, "Half a thought")
    expect(message(alice, "Half a thought").locator(".reply")).to_contain_text("First.")
    alice.reload()
    expect(message(alice, "Half a thought")).to_be_visible()
    expect(alice.locator(".reply-to")).to_have_count(0)
