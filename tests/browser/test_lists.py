"""The list of chats on an open page: what comes into it, in its order, and what is found by typing."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import fresh_name, make_private_room, open_chat, open_profile, post, wait_until_connected
from tests.live.stack import Stack

People = Callable[..., Page]
MANY = """
from django.contrib.auth.models import User
from django.utils import timezone
from messaging.accounts.demo import PASSWORD
from messaging.chats.models.membership import Membership
from messaging.models import Chat

dave = User.objects.create_user("dave", password=PASSWORD)
now = timezone.now()
rooms = Chat.objects.bulk_create(
    Chat(kind="private", name=f"Topic {n:02}", name_key=f"topic {n:02}", said_at=now if n else None) for n in range(60)
)
Membership.objects.bulk_create(Membership(chat=chat, user=dave) for chat in rooms)
rooms[0].admit(User.objects.get(username="alice"))
"""


@pytest.fixture
def dave(stack: Stack, person: People) -> Page:
    """Somebody who is in sixty rooms."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", MANY]
    subprocess.run(command, cwd=stack.code, env=stack.env, check=True, capture_output=True)
    return person("dave")


def titles(page: Page) -> list[str]:
    return page.locator("#chats .chat-title").all_inner_texts()


def rooms(page: Page) -> list[str]:
    """Return what the list has of rooms; threads are in it as long as there are news in them."""
    return page.locator("#chats > :is([data-kind=open], [data-kind=private]) .chat-title").all_inner_texts()


def test_something_said_in_a_room_that_is_not_listed_brings_it_into_the_list(
    dave: Page, person: People, errors: list[str]
) -> None:
    alice = person("alice")
    open_profile(dave)
    link = dave.locator(".sidebar").get_by_role("link", name="Topic 00")
    expect(link).to_have_count(0)
    alice.goto("/chats/mine/?q=topic+00")
    alice.get_by_role("main").get_by_role("link", name="Topic 00").click()
    wait_until_connected(alice)
    post(alice, "Is anybody here?")
    expect(link.locator(".unread")).to_have_text("1 unread")
    assert titles(dave)[0] == "Topic 00"
    post(alice, "Nobody?")
    expect(link.locator(".unread")).to_have_text("2 unread")
    link.click()
    expect(dave.get_by_text("Nobody?")).to_be_visible()
    assert errors == []


def test_a_room_that_is_renamed_has_its_name_and_its_place_on_open_pages(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    # Its beginning is like that of a title which says how much is unread, and belongs to its name.
    old, new = fresh_name("(3) Budget"), fresh_name("zzz last of all")
    chat = make_private_room(alice, old, "bob")
    open_chat(bob, chat)
    expect(bob).to_have_title(re.compile(rf"^(\([^)]*\) )?{re.escape(old)} · Bellwire$"))
    alice.goto(f"{chat}name/")
    alice.get_by_label("Name").fill(new)
    alice.get_by_role("button", name="Rename").click()
    expect(bob.locator("#chat-name")).to_have_text(new)
    expect(bob).to_have_title(re.compile(rf"^(\([^)]*\) )?{re.escape(new)} · Bellwire$"))
    expect(bob.locator("#chats .chat-title").filter(has_text=new)).to_be_visible()
    followed = rooms(bob)
    bob.reload()
    assert rooms(bob) == followed


def test_a_room_that_one_is_brought_into_stands_in_its_place_and_goes_with_leaving(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    name = fresh_name("aaa first of all")
    open_profile(bob)
    chat = make_private_room(alice, name, "bob")
    expect(bob.locator(".sidebar").get_by_role("link", name=name)).to_be_visible()
    assert titles(bob)[0] == name
    other = bob.context.new_page()
    open_chat(other, chat)
    other.once("dialog", lambda dialog: dialog.accept())
    other.get_by_role("button", name="Leave").click()
    expect(bob.locator(".sidebar").get_by_role("link", name=name)).to_have_count(0)


def test_people_are_found_by_typing(person: People) -> None:
    alice = person("alice")
    alice.goto("/")
    box = alice.get_by_label("User names")
    box.press_sequentially("carol, bo")
    expect(alice.locator("#people option[value='carol, bob']")).to_be_attached()
    box.fill("car")
    expect(alice.locator("#people option[value='carol']")).to_be_attached()
    expect(alice.locator("#people option[value='carol, bob']")).to_have_count(0)
