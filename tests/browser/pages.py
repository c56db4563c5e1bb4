"""What people do on the pages, and what they see there."""

import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.engine import IS_FIREFOX

PASSWORD = "bellwire-demo"
SHOWN = """() => [...document.querySelectorAll("#messages article")].map(
    article => [article.id, article.dataset.seq, article.querySelector(".message-body").textContent.trim()]
)"""

FETCHED_POST = pytest.mark.chromium_only("Playwright sends no other browser's form on by itself")
WATCH_SOCKETS = """{
    window.sockets = []
    window.WebSocket = class extends WebSocket {
        constructor(...about) {
            super(...about)
            sockets.push(this)
            const keep = ({ data }) => { sessionStorage.heard = (sessionStorage.heard ?? "") + data }
            this.addEventListener("message", keep)
        }
    }
}"""


def sign_in(page: Page, name: str) -> None:
    """Fill in the sign-in form that the page shows."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Account")).to_be_visible()


def sign_out(page: Page) -> None:
    """Sign out by the menu."""
    page.locator("[popovertarget=menu]").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def fresh_name(about: str) -> str:
    """Return a room's name that no other test uses."""
    return f"{about} {uuid.uuid4().hex[:8]}"


def enter_room(page: Page, name: str) -> str:
    """Type a room's name on the front page and press Enter; return the chat's address."""
    page.goto("/")
    page.get_by_label("Room name").fill(name)
    page.get_by_label("Room name").press("Enter")
    expect(page.locator("#chat-name")).to_have_text(name)
    # With its scripts: before they run, Enter begins a new line.
    page.wait_for_load_state()
    return urlsplit(page.url).path


def make_private_room(page: Page, name: str, *guests: str) -> str:
    """Make a private room and invite people; return the chat's address."""
    page.goto("/chats/new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Private: by invitation").check()
    page.get_by_role("button", name="Make the room").click()
    expect(page.locator("#chat-name")).to_have_text(name)
    page.wait_for_load_state()
    chat = urlsplit(page.url).path
    for guest in guests:
        page.goto(f"{chat}members/")
        page.get_by_label("User names").fill(guest)
        page.get_by_role("button", name="Invite").click()
        expect(page.get_by_role("main").get_by_text(f"@{guest}")).to_be_visible()
    return chat


def open_chat(page: Page, chat: str) -> None:
    """Open a chat and wait until its page is connected."""
    page.goto(chat)
    wait_until_connected(page)


def open_profile(page: Page) -> None:
    """Open a page that shows no chat, and wait until it is connected."""
    page.goto("/accounts/profile/")
    wait_until_connected(page)


def wait_until_connected(page: Page) -> None:
    """Wait until every stream of the page is connected and has caught up."""
    expect(page.locator("[ws-connect][data-connected]").first).to_be_attached()
    expect(page.locator("[ws-connect]:not([data-connected])")).to_have_count(0)


def composer(page: Page) -> Locator:
    """Return the field in which messages are written."""
    return page.locator("#composer").get_by_label("Message")


def post(page: Page, text: str) -> None:
    """Write a message, press Enter and wait until it is taken."""
    composer(page).fill(text)
    composer(page).press("Enter")
    expect(page.locator("#composer [data-sending]")).to_have_attribute("hidden", "")
    expect(composer(page)).to_have_value("")


def send_form(page: Page, path: str, **fields: str) -> int:
    """Send a form as this person, past the page; return the status of the answer."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    return page.request.post(path, form={"csrfmiddlewaretoken": token, **fields}, max_redirects=0).status


def post_at_once(page: Page, chat: str, texts: list[str]) -> None:
    """Post many messages as this person, past the page."""
    for text in texts:
        assert send_form(page, f"{chat}messages/", body=text) == 303


def message(page: Page, text: str) -> Locator:
    """Return the message that says this."""
    return page.locator("#messages article").filter(has_text=text)


def edit(page: Page, old: str, new: str) -> None:
    """Give one's message another text, in its place."""
    article = page.locator(f"#{message(page, old).get_attribute('id')}")
    article.hover()
    article.get_by_role("link", name="Edit", exact=True).click()
    article.get_by_label("Message").fill(new)
    article.get_by_role("button", name="Save").click()
    expect(article.locator("form")).to_have_count(0)


def delete(page: Page, text: str) -> None:
    """Delete one's message, and say that it is meant."""
    page.once("dialog", lambda dialog: dialog.accept())
    message(page, text).hover()
    message(page, text).get_by_role("link", name="Delete").click()
    expect(message(page, text)).to_have_count(0)


def expect_messages(page: Page, *texts: str | re.Pattern[str]) -> None:
    """Wait until the page shows exactly these messages in this order."""
    expect(page.locator("#messages .message-body")).to_have_text(list(texts))


def expect_unsent(page: Page, *texts: str) -> None:
    """Wait until the page shows exactly these messages of its reader's as not sent, in this order."""
    expect(page.locator(".unsent .message-body")).to_have_text(list(texts))


def try_again(page: Page, text: str) -> None:
    """Send a message again that was not sent, and those behind it."""
    page.locator(".unsent li").filter(has_text=text).first.get_by_role("button", name="Try again").click()


def shown(page: Page) -> list[list[str]]:
    """Return id, place in the stream and text of each message that a page shows."""
    messages: list[list[str]] = page.evaluate(SHOWN)
    return messages


def expect_as_in_database(page: Page, fresh: Page, chat: str, within: float) -> None:
    """Wait at most `within` seconds until a page shows what somebody's fresh one of the chat does."""
    limit = time.monotonic() + within
    fresh.goto(chat)
    there = shown(fresh)
    while (here := shown(page)) != there:
        assert time.monotonic() < limit, f"after {within} s the page shows {here}, and the database has {there}"
        page.wait_for_timeout(20)


def wait_for(page: Page, fact: Callable[[], bool], within: float = 10) -> None:
    """Wait until something is so that is no element of a page, which goes on meanwhile."""
    limit = time.monotonic() + within
    while not fact():
        assert time.monotonic() < limit, f"not so within {within} s"
        page.wait_for_timeout(20)


def unread_mark(page: Page, chat: str) -> Locator:
    """Return the number beside a chat in the list of chats."""
    return page.locator(f".chat-link[href='{chat}'] .unread")


def bell(page: Page) -> Locator:
    """Return the number on the bell."""
    return page.locator("#bell-badge")


def read_everything(page: Page) -> None:
    """Mark all notifications as read, so that the bell counts from nothing."""
    assert send_form(page, "/notifications/reading/") == 303


def hold(page: Page, addresses: str) -> list[Route]:
    """Hold the page's requests to these addresses back; they are in the list that is returned."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(addresses, keep)
    return held


def watch_sockets(page: Page) -> None:
    """Note which sockets the pages opened from now on have, and what these bring; Playwright sees only Chromium's."""
    page.add_init_script(WATCH_SOCKETS)


def heard(page: Page) -> str:
    """Return all that the sockets of this tab have brought."""
    return str(page.evaluate("sessionStorage.heard ?? ''"))


def are_closed(page: Page) -> list[bool]:
    """Return of each socket that the page has opened whether it is closed."""
    closed: list[bool] = page.evaluate("sockets.map(socket => socket.readyState === WebSocket.CLOSED)")
    return closed


def expect_focus(element: Locator) -> None:
    """Wait until an element has the focus; of several windows, Firefox gives it to one."""
    element.page.bring_to_front()
    expect(element).to_be_focused()


def tap(element: Locator) -> None:
    """Tap with a finger; what drives Firefox has none."""
    element.click() if IS_FIREFOX else element.tap()


def number(count: int) -> re.Pattern[str]:
    """Match the text of a mark that shows this number, whatever a screen reader is told after it."""
    return re.compile(rf"^{count}\b")
