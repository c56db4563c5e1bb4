"""An owner says what a room is for, archives it and makes it private: the other's open page follows by itself."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import composer, enter_room, fresh_name, message, open_chat, post

People = Callable[..., Page]


def test_a_topic_and_the_archive_are_on_the_others_page_at_once(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    name = fresh_name("Launch")
    chat = enter_room(alice, name)
    open_chat(bob, chat)
    bob.get_by_role("button", name="Join").click()
    open_chat(bob, chat)
    post(bob, "Here I am.")
    entry = bob.locator("#chats").get_by_text(name)
    expect(entry).to_be_visible()
    bob.evaluate("document.body.dataset.isTheSame = 'yes'")

    alice.goto(f"{chat}members/")
    alice.get_by_role("link", name="About this room").click()
    alice.get_by_label("Topic").fill("We launch on Friday")
    alice.get_by_role("button", name="Save what it is for").click()
    expect(bob.locator(".topic")).to_have_text("We launch on Friday")

    composer(bob).fill("Not sent yet")
    alice.get_by_role("button", name="Archive this room").click()
    expect(bob.get_by_text("This room is archived")).to_be_visible()
    expect(composer(bob)).to_be_hidden()
    expect(entry).to_have_count(0)
    expect(message(bob, "Here I am.")).to_be_visible()

    alice.get_by_role("button", name="Bring it back").click()
    expect(composer(bob)).to_have_value("Not sent yet")
    expect(composer(bob)).to_be_visible()
    expect(entry).to_be_visible()
    assert bob.evaluate("document.body.dataset.isTheSame") == "yes"


def test_a_room_that_is_made_private_is_gone_from_the_page_of_who_is_no_member(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Secret"))
    post(alice, "Top secret")
    open_chat(bob, chat)
    expect(message(bob, "Top secret")).to_be_visible()
    alice.goto(f"{chat}room/")
    alice.get_by_role("link", name="Make it private").click()
    alice.get_by_role("button", name="Make it private").click()
    expect(bob.get_by_text("You can no longer see this chat")).to_be_visible()
    expect(message(bob, "Top secret")).to_have_count(0)
