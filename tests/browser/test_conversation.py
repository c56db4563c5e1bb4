"""Two people talk: what one does is on the other's pages at once."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.pages import (
    bell,
    composer,
    delete,
    edit,
    enter_room,
    expect_messages,
    fresh_name,
    make_private_room,
    message,
    number,
    open_chat,
    open_profile,
    post,
    post_at_once,
    read_everything,
    unread_mark,
    wait_for,
    wait_until_connected,
)
from tests.browser.people import is_quiet
from tests.browser.proxy import Proxy
from tests.live.stack import Stack

People = Callable[..., Page]


def as_served(html: str, element_id: str) -> str:
    """Return an element without what page scripts add to it: local times, names of days, classes."""
    element = BeautifulSoup(html, "html.parser").find(id=element_id)
    assert element
    del element["data-day"]
    for time in element("time"):
        time.clear()
        del time["title"]
    for part in [element, *element(class_=True)]:
        names = map(str, part.get_attribute_list("class"))
        part["class"] = " ".join(name for name in names if not name.startswith("htmx-") and name != "is-continued")
    return str(element)


def expect_as_served(page: Page, text: str) -> None:
    """Compare the message on the page with the same in a page that is fetched now."""
    article = message(page, text)
    element_id = article.get_attribute("id") or ""
    pushed = article.evaluate("article => article.outerHTML")
    assert as_served(pushed, element_id) == as_served(page.request.get(page.url).text(), element_id)


@pytest.mark.parametrize("story", ["first", "second"])
def test_story_hears_nothing_of_the_one_before(person: People, stack: Stack, story: str) -> None:
    """The first ends before anybody is told of what was said in it; the second begins when all are."""
    if story == "second":
        assert is_quiet(stack)
    else:
        alice = person("alice")
        chat = make_private_room(alice, fresh_name("Late"), "bob")
        with stack.worker_away():
            post_at_once(alice, chat, [f"@bob, {number}" for number in range(20)])
            assert not is_quiet(stack)


def test_message_appears_without_reloading(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Tea"))
    open_chat(bob, chat)
    post(alice, "Is there **tea** & cake?")
    expect_messages(bob, "Is there tea & cake?")
    expect_messages(alice, "Is there tea & cake?")
    post(bob, "There is.")
    expect_messages(alice, "Is there tea & cake?", "There is.")


def test_pushed_message_is_the_one_that_a_reload_gives(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Same"))
    open_chat(bob, chat)
    post(alice, 'See https://example.org/?a=1&b="2" @carol\n\n- `<b>`\n- *two*')
    expect(message(bob, "See").locator("time[title]")).to_be_visible()
    expect_as_served(bob, "See")
    edit(alice, "See", "*Forget* it & go")
    expect(message(bob, "Forget").locator("time[title]")).to_be_visible()
    expect_as_served(bob, "Forget")


def test_edit_and_deletion_arrive(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Plan"))
    open_chat(bob, chat)
    for text in ("breakfast", "lnuch", "dinner"):
        post(alice, text)
    expect_messages(bob, "breakfast", "lnuch", "dinner")
    edit(alice, "lnuch", "lunch")
    expect_messages(bob, "breakfast", "lunch", "dinner")
    expect(message(bob, "lunch").get_by_text("edited")).to_be_visible()
    delete(alice, "breakfast")
    expect_messages(bob, "This message was deleted.", "lunch", "dinner")
    expect(bob.locator("body")).not_to_contain_text("breakfast")


def test_only_the_author_is_offered_to_edit_and_delete(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Mine"))
    open_chat(bob, chat)
    post(alice, "This is mine.")
    for page, is_offered in ((alice, True), (bob, False)):
        message(page, "This is mine.").hover()
        for name in ("Edit", "Delete"):
            expect(message(page, "This is mine.").get_by_role("link", name=name)).to_be_visible(visible=is_offered)


def test_edit_that_is_cancelled_changes_nothing(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Doubt")))
    post(alice, "It stays.")
    message(alice, "It stays.").hover()
    message(alice, "It stays.").get_by_role("link", name="Edit", exact=True).click()
    alice.locator("article").get_by_label("Message").fill("It goes.")
    alice.locator("article").get_by_role("link", name="Cancel").click()
    expect_messages(alice, "It stays.")


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "Write something first."), ("x" * 10_001, "This is too long: 10,001 characters, and at most 10,000")],
    ids=["empty", "too-long"],
)
def test_edit_that_is_refused_stays_in_its_place_with_the_reason(person: People, text: str, says: str) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Refused")))
    post(alice, "As it was.")
    message(alice, "As it was.").hover()
    message(alice, "As it was.").get_by_role("link", name="Edit", exact=True).click()
    article = alice.locator("#messages article")
    for _ in range(2):
        article.get_by_label("Message").fill(text)
        with alice.expect_response("**/messages/*/") as answer:
            article.get_by_role("button", name="Save").click()
        assert answer.value.status == 422
        expect(article.get_by_role("alert")).to_contain_text(says)
        expect(article.get_by_label("Message")).to_have_value(text)
    article.get_by_label("Message").fill("As it is.")
    article.get_by_role("button", name="Save").click()
    expect_messages(alice, "As it is.")


def test_edit_that_could_not_be_sent_says_so_and_stays(person: People, proxy: Proxy) -> None:
    alice = person("alice", site=proxy.url)
    open_chat(alice, enter_room(alice, fresh_name("Offline")))
    post(alice, "As it was.")
    message(alice, "As it was.").hover()
    message(alice, "As it was.").get_by_role("link", name="Edit", exact=True).click()
    article = alice.locator("#messages article")
    article.get_by_label("Message").fill("As it is.")
    proxy.is_down = True
    proxy.cut()
    article.get_by_role("button", name="Save").click()
    expect(alice.locator(".bell-toast").filter(has_text="That could not be done")).to_be_visible()
    expect(article.get_by_label("Message")).to_have_value("As it is.")
    proxy.is_down = False
    article.get_by_role("button", name="Save").click()
    expect_messages(alice, "As it is.")


def test_deletion_from_the_form_says_nothing_of_the_text_in_an_address(person: People) -> None:
    alice = person("alice")
    open_chat(alice, enter_room(alice, fresh_name("Regret")))
    post(alice, "Take this back.")
    message(alice, "Take this back.").hover()
    message(alice, "Take this back.").get_by_role("link", name="Edit", exact=True).click()
    alice.once("dialog", lambda dialog: dialog.accept())
    with alice.expect_request(lambda request: request.method == "DELETE") as asked:
        alice.locator(".edit").get_by_role("link", name="Delete").click()
    assert not urlsplit(asked.value.url).query
    expect_messages(alice, "This message was deleted.")


def test_mention_rings_on_another_page_until_the_chat_is_read(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Bell"), "bob")
    read_everything(bob)
    open_profile(bob)
    open_chat(alice, chat)
    post(alice, "Look at this, @bob!")
    expect(bell(bob)).to_have_text(number(1))
    expect(bob.locator(".bell-toast").filter(has_text="Look at this, @bob!")).to_be_visible()
    other_tab = bob.context.new_page()
    open_chat(other_tab, chat)
    expect(bell(bob)).to_be_hidden()


def test_direct_message_rings_and_its_toast_leads_there(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    read_everything(bob)
    open_profile(bob)
    alice.goto("/")
    alice.get_by_label("User names").fill("bob")
    alice.get_by_label("User names").press("Enter")
    wait_until_connected(alice)
    words = fresh_name("Lunch")
    post(alice, words)
    bob.locator(".bell-toast").get_by_role("link", name=words).click()
    expect(message(bob, words)).to_be_visible()
    assert urlsplit(bob.url).path == urlsplit(alice.url).path
    expect(bell(bob)).to_be_hidden()


def test_older_messages_are_as_they_are_when_they_come(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Older"))
    post_at_once(alice, chat, [f"word {count}" for count in range(1, 61)])
    bob.route(f"**{chat}?before=*", lambda route: waiting.append((route, route.fetch())))
    waiting: list[tuple[Route, APIResponse]] = []
    open_chat(bob, chat)
    bob.get_by_role("link", name="Older messages").dispatch_event("click")
    wait_for(bob, lambda: bool(waiting))
    # One of them changes, and another goes, while they are on their way to bob.
    alice.goto(f"{chat}?before=11")
    edit(alice, "word 3", "word three")
    delete(alice, "word 5")
    post_at_once(alice, chat, ["the last"])
    expect(message(bob, "the last")).to_be_visible()
    route, answer = waiting.pop()
    route.fulfill(response=answer)
    expect(message(bob, "word three")).to_be_attached()
    expect(message(bob, "This message was deleted.")).to_be_attached()
    expect(bob.locator("#messages article")).to_have_count(61)


def test_mention_that_an_edit_adds_rings_and_shows_whom_it_reaches(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Typing error"), "bob")
    open_profile(bob)
    open_chat(alice, chat)
    words = fresh_name("Look at that")
    post(alice, f"{words}, @bobb and @carol!")
    expect(message(alice, words).locator("mark")).to_have_count(0)
    edit(alice, words, f"{words}, @bob and @carol!")
    expect(message(alice, words).locator("mark")).to_have_text(["@bob"])
    expect(bob.locator(".bell-toast").filter(has_text=words)).to_be_visible()


def test_code_is_copied_as_it_was_pasted(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Code"), "bob")
    open_chat(bob, chat)
    pasted = "    if x:\n        y = [\n            1   , 2,\n        ]\n    return __init__ * 2**3"
    post_at_once(alice, chat, [pasted])
    body = message(bob, "return").locator(".message-body")
    expect(body).to_be_visible()
    assert body.inner_text() == pasted
    copied = "body => { getSelection().selectAllChildren(body); return getSelection().toString() }"
    assert body.evaluate(copied).strip("\n") == pasted


def test_mention_does_not_ring_while_the_chat_is_in_view(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Here"), "bob")
    read_everything(bob)
    open_chat(bob, chat)
    open_chat(alice, chat)
    post(alice, "You are here, @bob.")
    expect_messages(bob, "You are here, @bob.")
    other_tab = bob.context.new_page()
    open_profile(other_tab)
    expect(unread_mark(other_tab, chat)).to_be_hidden()
    expect(bell(other_tab)).to_be_hidden()
    expect(bob.locator(".bell-toast")).to_have_count(0)


def test_notification_is_listed_at_once_and_opens_its_chat(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("List"), "bob")
    bob.goto("/notifications/")
    wait_until_connected(bob)
    open_chat(alice, chat)
    words = fresh_name("Hear me, @bob:")
    post(alice, words)
    bob.locator("#notifications").get_by_role("button", name=words).click()
    expect_messages(bob, words)


def test_room_of_a_name_is_the_same_for_both(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    name = fresh_name("Garden")
    assert enter_room(alice, name) == enter_room(bob, name)
    wait_until_connected(alice)
    wait_until_connected(bob)
    post(alice, "Roses?")
    expect_messages(bob, "Roses?")


def test_unread_mark_rises_elsewhere_and_clears_in_every_tab(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Marks"), "bob")
    open_profile(bob)
    other_tab = bob.context.new_page()
    open_profile(other_tab)
    expect(unread_mark(bob, chat)).to_be_hidden()
    open_chat(alice, chat)
    for count in (1, 2, 3):
        post(alice, f"Number {count}")
        expect(unread_mark(bob, chat)).to_have_text(number(count))
    expect(unread_mark(other_tab, chat)).to_have_text(number(3))
    expect(unread_mark(alice, chat)).to_be_hidden()
    open_chat(bob, chat)
    expect(unread_mark(bob, chat)).to_be_hidden()
    expect(unread_mark(other_tab, chat)).to_be_hidden()


def test_invitation_puts_the_room_into_the_list(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    open_profile(bob)
    name = fresh_name("Party")
    make_private_room(alice, name, "bob")
    expect(bob.locator(".sidebar").get_by_role("link", name=name)).to_be_visible()
    bob.locator(".sidebar").get_by_role("link", name=name).click()
    expect(bob.locator("#chat-name")).to_have_text(name)


def test_new_name_of_a_room_arrives(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Old"), "bob")
    open_chat(bob, chat)
    name = fresh_name("New")
    alice.goto(f"{chat}name/")
    alice.get_by_label("Name").fill(name)
    alice.get_by_role("button", name="Rename").click()
    expect(bob.locator("#chat-name")).to_have_text(name)
    expect(bob.locator(f".chat-link[href='{chat}'] .chat-title")).to_have_text(name)


def test_story_leaves_no_errors_in_the_console(person: People, errors: list[str]) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Clean"), "bob")
    post_at_once(alice, chat, [f"message {count}" for count in range(1, 56)])
    for page in (alice, bob):
        open_chat(page, f"{chat}?at=end")
    composer(alice).fill("A draft")
    post(alice, "Hello, @bob!")
    edit(alice, "Hello", "Hello, Bob!")
    delete(alice, "Hello")
    expect(message(bob, "This message was deleted.")).to_be_visible()
    bob.goto(f"{chat}?before=10")
    expect(message(bob, "message 9")).to_be_visible()
    for path in ("/", "/notifications/", "/accounts/profile/", f"{chat}members/", "/chats/new/"):
        bob.goto(path)
        wait_until_connected(bob)
    post_at_once(alice, chat, ["@bob, where are you?"])
    expect(unread_mark(bob, chat)).to_be_visible()
    assert errors == []
