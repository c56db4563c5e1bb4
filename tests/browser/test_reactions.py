"""Two people react: one's sign is on the other's page at once, by mouse and by keys."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, message, open_chat, post

People = Callable[..., Page]


def test_a_reaction_is_on_both_pages_and_each_sees_which_are_their_own(person: People) -> None:
    alice, bob = person("alice"), person("bob", color_scheme="dark", viewport={"width": 390, "height": 844})
    chat = enter_room(alice, fresh_name("Reactions"))
    open_chat(bob, chat)
    post(alice, "We launch on Friday.")
    article = message(bob, "We launch on Friday.")
    article.get_by_role("link", name="React").click()
    bob.get_by_role("button", name="🎉").click()
    expect(bob.locator("#message-menu")).to_be_hidden()
    hers = message(alice, "We launch on Friday.").locator(".reaction")
    expect(hers).to_have_accessible_name("🎉 1: Bob")
    background = "chip => getComputedStyle(chip).backgroundColor"
    is_not_hers = hers.evaluate(background)
    hers.click()
    expect(hers).to_have_accessible_name("🎉 2: Bob and Alice")
    expect(article.locator(".reaction")).to_have_accessible_name("🎉 2: Bob and Alice")
    assert hers.evaluate(background) != is_not_hers
    hers.press("Enter")
    expect(article.locator(".reaction")).to_have_accessible_name("🎉 1: Bob")


def test_any_emoji_by_its_name_and_by_keys_alone(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Signs"))
    post(alice, "Ready?")
    article = message(alice, "Ready?")
    article.get_by_role("link", name="React").press("Enter")
    expect(alice.locator("#message-menu button").first).to_be_focused()
    alice.get_by_label("Any emoji").fill("rocket")
    alice.get_by_label("Any emoji").press("Enter")
    expect(alice.get_by_role("alert")).to_contain_text("Choose one emoji")
    alice.get_by_label("Any emoji").fill(":rocket:")
    alice.get_by_label("Any emoji").press("Enter")
    expect(article.locator(".reaction")).to_have_accessible_name("🚀 1: Alice")
    expect(article.get_by_role("link", name="React")).to_be_focused()
