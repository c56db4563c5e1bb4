"""The owner of a chat takes it away as a file, follows that on every device, and nobody else does."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    fresh_name,
    make_private_room,
    open_chat,
    open_profile,
    post_at_once,
    send_form,
    wait_until_connected,
)
from tests.browser.test_jobs import card
from tests.live.stack import Stack

People = Callable[..., Page]

WATCH_BARS = """() => {
    window.bars = 0
    const count = (node) => { window.bars += node.querySelectorAll?.("progress").length ?? 0 }
    const watcher = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(count)))
    watcher.observe(document.getElementById("jobs"), { childList: true, subtree: true })
}"""


def press_export(page: Page, chat: str) -> None:
    """Go from a chat to its people and have it exported; that leads to the page of tasks."""
    open_chat(page, chat)
    page.get_by_role("link", name="People").click()
    page.get_by_role("button", name="Export this chat").click()
    expect(page.get_by_role("heading", name="Background tasks")).to_be_visible()
    wait_until_connected(page)


def what_is_said(path: Path) -> tuple[list[str], list[str]]:
    """Return what the messages in an export say, as its data has it and as its page does."""
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("messages.json"))
        page = BeautifulSoup(archive.read("index.html"), "html.parser")
    return [message["body"] for message in data["messages"]], [body.text.strip() for body in page.select(".body")]


def test_owner_downloads_what_was_said_and_other_members_see_nothing_of_it(person: People, stack: Stack) -> None:
    desk, phone, bob = person("alice"), person("alice", viewport={"width": 390, "height": 844}), person("bob")
    name = fresh_name("Kept")
    chat = make_private_room(desk, name, "bob")
    post_at_once(desk, chat, ["Is **this** kept?"])
    post_at_once(bob, chat, ["All of it, <b>Alice</b>"])
    open_profile(phone)
    bob.goto(f"{chat}members/")
    wait_until_connected(bob)
    with stack.worker_away():
        press_export(desk, chat)
        for page in (desk, phone):
            expect(card(page, name)).to_contain_text("Waiting")
        desk.evaluate(WATCH_BARS)
    for page in (desk, phone):
        expect(card(page, name).get_by_role("link", name="Download")).to_be_visible()
    assert desk.evaluate("window.bars"), "there was a bar while it ran"
    with desk.expect_download() as download:
        card(desk, name).get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith(name)
    data, page_of_it = what_is_said(download.value.path())
    assert data == ["Is **this** kept?", "All of it, <b>Alice</b>"]
    assert page_of_it == ["Is this kept?", "All of it, <b>Alice</b>"]
    file = str(card(phone, name).get_by_role("link", name="Download").get_attribute("href"))
    assert [page.request.get(file).status for page in (desk, phone, bob)] == [200, 200, 404]
    expect(bob.get_by_role("button", name="Invite")).to_be_visible()
    expect(bob.get_by_role("button", name="Export this chat")).to_have_count(0)
    expect(card(bob, name)).to_have_count(0)
    assert send_form(bob, f"{chat}exports/") == 404
    bob.goto("/notifications/jobs/")
    expect(card(bob, name)).to_have_count(0)


def leave_to(page: Page, chat: str, name: str) -> None:
    """Make another member an owner of the room, and leave it."""
    page.goto(f"{chat}members/")
    page.get_by_label(f"Role of {name}").select_option("owner")
    page.get_by_role("button", name=f"Set the role of {name}").click()
    expect(page.get_by_text(f"{name} is owner of")).to_be_visible()
    assert send_form(page, f"{chat}leaving/") == 303


def test_export_is_cancelled_refused_and_tried_again_until_it_is_done(person: People, stack: Stack) -> None:
    alice, desk, phone = person("alice"), person("bob"), person("bob", viewport={"width": 390, "height": 844})
    name = fresh_name("Twice")
    chat = make_private_room(desk, name, "alice")
    open_profile(phone)

    def expect_on_both(text: str) -> None:
        for page in (desk, phone):
            expect(card(page, name)).to_contain_text(text)

    with stack.worker_away():
        press_export(desk, chat)
        expect_on_both("Waiting")
        card(desk, name).get_by_role("button", name="Cancel").click()
        expect_on_both("Cancelled")
        card(phone, name).get_by_role("button", name="Retry").click()
        expect_on_both("Waiting")
        # Who may have the chat is asked when the work begins.
        leave_to(desk, chat, "Alice")
    expect_on_both("Only its owner can export a chat.")
    assert send_form(alice, f"{chat}members/", people="bob") == 303
    leave_to(alice, chat, "Bob")
    card(desk, name).get_by_role("button", name="Retry").click()
    expect_on_both("Done")
    expect(card(phone, name)).to_have_count(1)
    expect(card(phone, name)).not_to_contain_text("Only its owner")
    expect(card(phone, name).get_by_role("link", name="Download")).to_be_visible()
