"""One forwards another's words: who may read where they were said is led there, others read the words alone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, make_private_room, message, open_chat, post

People = Callable[..., Page]


def test_a_forwarded_message_and_its_origin(person: People) -> None:
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    name = fresh_name("Forwards")
    chat = enter_room(bob, name)
    for page in (alice, carol):
        open_chat(page, chat)
    secret = fresh_name("Secret")
    open_chat(bob, make_private_room(bob, secret, "alice"))
    post(bob, "Cake at noon.")
    message(bob, "Cake at noon.").hover()
    message(bob, "Cake at noon.").get_by_role("link", name="More").click()
    bob.get_by_role("link", name="Forward", exact=True).click()
    bob.get_by_label("Name of a chat").fill(name)
    bob.get_by_label("Name of a chat").press("Enter")
    bob.get_by_role("radio", name=name).check()
    bob.get_by_label("A word of your own").fill("For all:")
    bob.get_by_role("button", name="Forward", exact=True).click()
    for page in (alice, bob, carol):
        expect(message(page, "For all:").locator(".forward")).to_contain_text("Cake at noon.")
    expect(message(carol, "For all:").locator("[data-kept] a")).to_have_count(0)
    message(alice, "For all:").get_by_role("link", name=f"in {secret}").click()
    expect(alice.locator("#messages article:target")).to_contain_text("Cake at noon.")
