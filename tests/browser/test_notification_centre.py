"""The notification centre: the tray under the bell and its page, on several devices of one person."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import (
    bell,
    composer,
    expect_focus,
    expect_messages,
    fresh_name,
    make_private_room,
    number,
    open_chat,
    open_profile,
    post_at_once,
    send_form,
    wait_until_connected,
)
from tests.live.stack import Stack

People = Callable[..., Page]


def empty_inbox(page: Page) -> None:
    """Put away whatever other stories have left."""
    for noun in ("reading", "archiving"):
        assert send_form(page, f"/notifications/{noun}/") == 303


def open_list(page: Page, tab: str = "inbox") -> None:
    """Open one of the lists and wait until it is live."""
    page.goto(f"/notifications/?tab={tab}")
    wait_until_connected(page)


def rows(page: Page) -> Locator:
    """Return the rows of the list that the page shows, in the tray or by itself."""
    return page.locator("#notifications > li:visible")


def row(page: Page, text: str) -> Locator:
    """Return the row that says this."""
    return rows(page).filter(has_text=text)


def open_tray(page: Page) -> None:
    """Press the bell and wait until the tray is filled."""
    with page.expect_response("**/notifications/tray/"):
        page.locator(".bell").click()
    expect(page.get_by_role("dialog", name="Notifications")).to_be_visible()


def two_rooms(alice: Page) -> tuple[str, str]:
    """Make two rooms of alice and bob."""
    one, other = (make_private_room(alice, fresh_name(name), "bob") for name in ("One", "Other"))
    return one, other


def tell_bob(stack: Stack, count: int) -> None:
    """Notify bob of so many things, as a program does."""
    script = (
        "from django.contrib.auth.models import User; from notifications.inbox.notify import notify;"
        f"[notify(User.objects.get(username='bob'), f'note {{number}}') for number in range(1, {count + 1})]"
    )
    command = [sys.executable, "manage.py", "shell", "-c", script]
    subprocess.run(command, cwd=stack.code, env=stack.env, check=True, capture_output=True)


def test_tray_shows_what_is_new_and_empties_the_bell_on_all_devices(person: People) -> None:
    alice, desk, phone = person("alice"), person("bob"), person("bob", viewport={"width": 390, "height": 844})
    one, other = two_rooms(alice)
    empty_inbox(desk)
    for page in (desk, phone):
        open_profile(page)
    post_at_once(alice, one, ["@bob first", "@bob second"])
    post_at_once(alice, other, ["@bob elsewhere"])
    for page in (desk, phone):
        expect(bell(page)).to_have_text(number(2))
        expect(page.locator(".bell-toast").filter(has_text="elsewhere")).to_be_visible()
    open_tray(desk)
    expect(rows(desk)).to_have_count(2)
    expect(row(desk, "@bob second")).to_contain_text("2 new mentions")
    for page in (desk, phone):
        expect(bell(page)).to_be_hidden()
        expect(page.locator(".bell-toast")).to_have_count(0)
    expect(desk.locator("#notifications > .is-unread")).to_have_count(2)
    # What comes now is shown at once, on top, and is seen.
    post_at_once(alice, one, ["@bob third"])
    expect(rows(desk).first).to_contain_text("@bob third")
    expect(rows(desk).first).to_contain_text("3 new mentions")
    expect(bell(phone)).to_be_hidden()
    desk.locator(".bell").click()
    expect(desk.locator("#tray")).to_be_hidden()


@pytest.mark.every_engine
def test_keys_do_all_of_it(person: People) -> None:
    alice, desk, other_tab = person("alice"), person("bob"), person("bob")
    one, other = two_rooms(alice)
    empty_inbox(desk)
    post_at_once(alice, one, ["@bob lower"])
    post_at_once(alice, other, ["@bob upper"])
    open_list(other_tab)
    expect(rows(other_tab)).to_have_count(2)
    open_chat(desk, one)
    composer(desk).press_sequentially("jeu")
    expect(composer(desk)).to_have_value("jeu")
    desk.locator(".bell").focus()
    desk.keyboard.press("Enter")
    expect_focus(row(desk, "upper").locator(".notification-open"))
    expect(desk.locator(".keys")).to_be_visible()
    desk.keyboard.press("u")
    expect(row(other_tab, "upper")).not_to_contain_class("is-unread")
    expect_focus(row(desk, "upper").locator(".notification-open"))
    desk.keyboard.press("u")
    for page in (desk, other_tab):
        # The other was read meanwhile, with the chat that is on the screen.
        expect(page.locator("#notifications > .is-unread")).to_contain_text(["upper"])
    for key, text in (("j", "lower"), ("k", "upper"), ("ArrowDown", "lower"), ("ArrowUp", "upper")):
        desk.keyboard.press(key)
        expect_focus(row(desk, text).locator(".notification-open"))
    desk.keyboard.press("e")
    expect(rows(other_tab)).to_have_count(1)
    expect_focus(row(desk, "lower").locator(".notification-open"))
    desk.keyboard.press("Escape")
    expect(desk.locator("#tray")).to_be_hidden()
    expect_focus(desk.locator(".bell"))
    other_tab.bring_to_front()
    other_tab.keyboard.press("j")
    other_tab.keyboard.press("Enter")
    expect_messages(other_tab, "@bob lower")
    desk.keyboard.press("Enter")
    expect_focus(row(desk, "lower").locator(".notification-open"))
    desk.keyboard.press("s")
    expect(rows(desk)).to_have_count(0)
    open_list(other_tab, "snoozed")
    expect(row(other_tab, "lower").first).to_contain_text("back")


def test_a_menu_stays_open_whatever_is_said_of_its_row_meanwhile(person: People) -> None:
    alice, desk, phone = person("alice"), person("bob"), person("bob")
    one, _ = two_rooms(alice)
    for page in (desk, phone):
        open_list(page)
    text = fresh_name("when you are back")
    post_at_once(alice, one, [f"@bob {text}"])
    row(desk, text).get_by_title("Snooze").click()
    row(desk, text).locator(".snooze-times button").last.focus()
    row(phone, text).get_by_title("Mark as read").click()
    expect(row(desk, text)).not_to_have_class(re.compile("is-unread"))
    expect(row(desk, text).locator(".snooze-times button").last).to_be_focused()
    row(desk, text).get_by_title("Snooze").click()
    row(phone, text).get_by_title("Mark as unread").click()
    expect(row(desk, text)).to_have_class(re.compile("is-unread"))
    expect(row(desk, text).locator(".snooze-times")).to_be_hidden()


def test_row_is_in_one_list_only_whoever_moves_it(person: People) -> None:
    alice = person("alice")
    pages = {tab: person("bob") for tab in ("inbox", "unread", "snoozed", "archived")}
    one, other = two_rooms(alice)
    empty_inbox(pages["inbox"])
    open_list(pages["inbox"])
    words = fresh_name("Moved")
    post_at_once(alice, one, [f"@bob {words}"])
    # Workers tell of messages in any order: the second is posted when the first is there.
    expect(rows(pages["inbox"])).to_have_count(1)
    post_at_once(alice, other, ["@bob stays on top"])
    for tab, page in pages.items():
        open_list(page, tab)

    def expect_in(*tabs: str) -> None:
        for tab, page in pages.items():
            expect(row(page, words)).to_have_count(int(tab in tabs))

    def press(tab: str, button: str) -> None:
        row(pages[tab], words).get_by_role("button", name=button, exact=True).click()

    expect_in("inbox", "unread")
    press("inbox", "Archive")
    expect_in("archived")
    press("archived", "Back to the inbox")
    expect_in("inbox", "unread")
    press("inbox", "Mark as read")
    expect_in("inbox")
    press("inbox", "Mark as unread")
    expect_in("inbox", "unread")
    expect(rows(pages["unread"])).to_have_count(2)
    expect(rows(pages["unread"]).last, "it is in its place, not on top").to_contain_text(words)
    row(pages["inbox"], words).locator("summary").click()
    press("inbox", "Tomorrow, 9:00")
    expect_in("snoozed")
    press("snoozed", "Back to the inbox")
    expect_in("inbox", "unread")
    pages["unread"].get_by_role("button", name="Mark all as read").click()
    expect(rows(pages["unread"])).to_have_count(0)
    expect(pages["unread"].get_by_text("Nothing unread.")).to_be_visible()
    pages["inbox"].get_by_role("button", name="Archive all read").click()
    expect_in("archived")
    expect(rows(pages["inbox"])).to_have_count(0)


def test_long_list_survives_being_read_in_another_tab(person: People, stack: Stack) -> None:
    # More notifications change at once than are replayed one by one: the list fetches itself.
    bob = person("bob")
    empty_inbox(bob)
    tell_bob(stack, 53)
    open_profile(bob)
    expect(bell(bob)).to_have_text(number(53))
    other_tab = bob.context.new_page()
    open_list(other_tab, "unread")
    expect(bell(bob)).to_be_hidden()
    open_list(bob)
    expect(rows(bob)).to_have_count(50)
    other_tab.get_by_role("button", name="Mark all as read").click()
    expect(bob.locator("#notifications > .is-unread")).to_have_count(0)
    expect(rows(bob)).to_have_count(50)
    expect(rows(other_tab)).to_have_count(0)
    bob.get_by_role("link", name="Older").click()
    expect(rows(bob).first).to_contain_text("note 3")
    row(bob, "note 1").get_by_role("button", name="Mark as unread").click()
    expect(rows(other_tab)).to_have_count(1)
    # What belongs on other pages of the list stays out of this one.
    tell_bob(stack, 1)
    expect(row(other_tab, "note 1")).to_have_count(2)
    wait_until_connected(bob)
    expect(rows(bob).first).to_contain_text("note 3")


def test_list_of_one_kind_takes_in_only_that_kind(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = make_private_room(alice, fresh_name("Kinds"), "bob")
    assert send_form(bob, f"{chat}level/", level="all") == 303
    empty_inbox(bob)
    all_kinds = bob.context.new_page()
    open_list(all_kinds)
    open_list(bob)
    bob.get_by_role("navigation", name="Kinds").get_by_role("link", name="Messages", exact=True).click()
    expect(bob.get_by_text("Nothing of this kind.")).to_be_visible()
    wait_until_connected(bob)
    # Workers tell of messages in any order: the second is posted when the first is there.
    post_at_once(alice, chat, ["@bob is named"])
    expect(row(all_kinds, "is named")).to_be_visible()
    post_at_once(alice, chat, ["for all"])
    expect(row(bob, "for all")).to_be_visible()
    expect(rows(bob)).to_have_count(1)
    expect(rows(all_kinds)).to_have_count(2)
    bob.get_by_role("link", name="Unread", exact=True).click()
    wait_until_connected(bob)
    expect(rows(bob)).to_have_count(1)
    row(all_kinds, "is named").get_by_role("button", name="Mark as read").click()
    row(all_kinds, "for all").get_by_role("button", name="Mark as read").click()
    expect(rows(bob)).to_have_count(0)


def test_level_of_a_chat_decides_what_of_it_reaches_the_bell(person: People) -> None:
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    chat = make_private_room(alice, fresh_name("Levels"), "bob")
    assert send_form(alice, f"{chat}members/", people="carol") == 303
    assert send_form(carol, f"{chat}level/", level="all") == 303
    empty_inbox(bob)
    elsewhere = bob.context.new_page()
    open_profile(elsewhere)
    open_profile(carol)
    bob.goto(chat)
    bob.get_by_role("navigation", name="This chat").get_by_role("link", name="Notify").click()

    def choose(level: str) -> None:
        bob.get_by_label(level).check()
        bob.get_by_role("button", name="Save", exact=True).click()
        expect(bob.get_by_text(f"the bell tells you of {level.lower()}")).to_be_visible()

    def expect_toast(page: Page, text: str) -> None:
        expect(page.locator(".bell-toast").filter(has_text=text)).to_be_visible()

    choose("Nothing, not even mentions")
    # Carol hears of everything: when she has been told of a message, bob has been thought of too.
    post_at_once(alice, chat, ["@bob in vain"])
    expect_toast(carol, "in vain")
    choose("Mentions only")
    post_at_once(alice, chat, ["without a name"])
    expect_toast(carol, "without a name")
    post_at_once(alice, chat, ["@bob with one"])
    expect_toast(elsewhere, "with one")
    expect(bell(elsewhere)).to_have_text(number(1))
    choose("Every message")
    post_at_once(alice, chat, ["to whom it may concern"])
    expect_toast(elsewhere, "to whom it may concern")
    expect(bell(elsewhere)).to_have_text(number(2))
    open_list(elsewhere)
    expect(rows(elsewhere)).to_have_count(2)
    for text in ("with one", "to whom it may concern"):
        expect(row(elsewhere, text)).not_to_contain_text("2 new")


def test_tray_that_cannot_be_filled_says_so_and_tries_again(person: People) -> None:
    bob = person("bob")
    empty_inbox(bob)
    open_profile(bob)
    bob.route("**/notifications/tray/", lambda route: route.fulfill(status=500))
    open_tray(bob)
    expect(bob.get_by_role("alert").filter(has_text="That did not work.")).to_be_visible()
    bob.unroute("**/notifications/tray/")
    bob.get_by_role("button", name="Try again").click()
    expect(bob.locator("#tray").get_by_text("Nothing here.")).to_be_visible()
    expect(bob.get_by_role("alert").filter(has_text="That did not work.")).to_be_hidden()


def test_without_javascript_the_bell_leads_to_the_page(person: People) -> None:
    alice, bob = person("alice"), person("bob", java_script_enabled=False)
    chat, _ = two_rooms(alice)
    empty_inbox(bob)
    bob.goto(f"{chat}members/")
    bob.get_by_label("Every message").check()
    bob.get_by_role("button", name="Save", exact=True).click()
    expect(bob.get_by_text("the bell tells you of every message")).to_be_visible()
    words = fresh_name("Plain")
    post_at_once(alice, chat, [f"{words} one", f"{words} two"])
    bob.goto("/accounts/profile/")
    while bell(bob).is_hidden():
        bob.reload()
    bob.get_by_role("link", name="Notifications").click()
    expect(bell(bob)).to_be_hidden()
    bob.get_by_role("link", name="Unread", exact=True).click()
    while "2 new messages" not in row(bob, words).inner_text():
        bob.reload()
    row(bob, words).locator("summary").click()
    row(bob, words).get_by_role("button", name="1 hour").click()
    expect(bob.get_by_role("link", name="Unread", exact=True)).to_have_attribute("aria-current", "page")
    expect(row(bob, words)).to_have_count(0)
    bob.get_by_role("link", name="Snoozed").click()
    row(bob, words).get_by_role("button", name=words).click()
    expect_messages(bob, f"{words} one", f"{words} two")
