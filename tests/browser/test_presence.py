"""Two people see of each other who is online, who is away and who writes, and nothing of who hides it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, message, open_chat, open_profile, post, wait_until_connected

People = Callable[..., Page]
OUT_OF_SIGHT = """hidden => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: hidden ? "hidden" : "visible" })
    document.dispatchEvent(new Event("visibilitychange"))
}"""


def direct(page: Page, name: str) -> str:
    """Open a conversation with somebody; return its address."""
    page.goto("/")
    page.get_by_label("User names").or_(page.locator("[name=people]:not(button)")).first.fill(name)
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator("#id_body")).to_be_visible()
    wait_until_connected(page)
    return page.url


def switch(page: Page, label: str, *, is_on: bool) -> None:
    page.get_by_label(label).set_checked(is_on)
    page.get_by_role("button", name="Save what others see of you").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_who_looks_is_online_and_who_hides_it_is_not(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    direct(alice, "bob")
    head, entry = alice.locator(".pane-head .presence"), alice.locator(".chat-link[aria-current] .presence")
    open_profile(bob)
    expect(head).to_have_text("online")
    expect(entry).to_have_text("online")
    bob.evaluate(OUT_OF_SIGHT, True)
    # The window he has signed in by was closed without a word, as one that crashes is.
    expect(head).to_have_text("away", timeout=60_000)
    bob.evaluate(OUT_OF_SIGHT, False)
    expect(head).to_have_text("online")
    switch(bob, "Show when I am online", is_on=False)
    expect(head).to_have_text("")
    expect(head).to_have_attribute("data-state", "offline")
    bob.reload()
    expect(bob.get_by_label("Show when I am online")).not_to_be_checked()
    alice.goto("/people/?q=bob")
    expect(alice.locator(".presence[data-state]").first).to_have_attribute("data-state", "offline")
    switch(bob, "Show when I am online", is_on=True)
    expect(alice.locator(".rows .presence").filter(has_text="online")).to_be_visible()


def test_who_writes_is_seen_by_the_other_until_the_message_comes(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Writing"))
    wait_until_connected(alice)
    open_chat(bob, chat)
    bob.get_by_role("button", name="Join").click()
    wait_until_connected(bob)
    bob.locator("#id_body").press_sequentially("hel")
    expect(alice.locator("[data-writers]")).to_have_text("Bob is writing…")
    expect(bob.locator("[data-writers]")).to_have_text("")
    bob.locator("#id_body").press("Enter")
    expect(message(alice, "hel")).to_be_visible()
    expect(alice.locator("[data-writers]")).to_have_text("", timeout=2000)
    bob.locator("#id_body").press_sequentially("again")
    expect(alice.locator("[data-writers]")).to_have_text("Bob is writing…")
    expect(alice.locator("[data-writers]")).to_have_text("")


def test_who_hides_that_they_write_does_so_unseen(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Writing"))
    wait_until_connected(alice)
    open_profile(bob)
    switch(bob, "Show when I write", is_on=False)
    said: list[str] = []
    bob.on("request", lambda request: said.append(request.url))
    with bob.expect_response("**/presence/"):
        bob.goto(chat)
    bob.get_by_role("button", name="Join").click()
    with bob.expect_response("**/presence/"):
        bob.reload()
    # What was answered may have been said by the page before.
    bob.wait_for_function("bellwire.presence.hides('writing')")
    bob.locator("#id_body").press_sequentially("hello")
    bob.locator("#id_body").press("Enter")
    expect(message(alice, "hello")).to_be_visible()
    assert not [url for url in said if url.endswith("/writing/")]
    open_profile(bob)
    switch(bob, "Show when I write", is_on=True)
    post(alice, "ok")
