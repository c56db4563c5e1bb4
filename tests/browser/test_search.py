"""Two people: what one says the other finds from any page, opens around it, and finds as it was edited."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import enter_room, fresh_name, message, open_profile, post, wait_until_connected

People = Callable[..., Page]


def test_what_one_says_the_other_finds_and_opens(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    name, word = fresh_name("Kitchen"), fresh_name("word").split()[1]
    chat = enter_room(alice, name)
    post(alice, f"The **soup** of {word} is ready")
    open_profile(bob)
    bob.locator("body").press("/")
    box = bob.get_by_role("dialog", name="Search")
    field = box.get_by_role("searchbox", name="Search messages")
    expect(field).to_be_focused()
    field.press_sequentially(f"soup {word[:6]}")
    hit = box.get_by_role("listitem").filter(has_text=word)
    expect(hit.locator("mark")).to_have_text(["soup", word])
    # What is edited is found as it is now, and only so.
    message(alice, word).hover()
    message(alice, word).get_by_role("link", name="Edit", exact=True).click()
    alice.locator("article").get_by_label("Message").fill(f"The salad of {word} is ready")
    alice.locator("article").get_by_label("Message").press("Enter")
    expect(message(alice, f"salad of {word}")).to_be_visible()
    field.fill("")
    field.press_sequentially(f"soup {word[:5]}")
    expect(box.get_by_text("Nothing was found")).to_be_visible()
    field.fill("")
    field.press_sequentially(f"salad {word[:5]}")
    expect(hit.locator("mark")).to_have_text(["salad", word])
    field.press("ArrowDown")
    expect(hit.get_by_role("link", name=name)).to_be_focused()
    bob.keyboard.press("Enter")
    bob.wait_for_url(f"**{chat}?at=1#message-*")
    expect(message(bob, f"salad of {word}")).to_be_visible()


def test_the_box_opens_by_the_keyboard_and_gives_the_focus_back(person: People) -> None:
    alice = person("alice")
    name = fresh_name("Two words")
    enter_room(alice, name)
    wait_until_connected(alice)
    box = alice.get_by_role("dialog", name="Search")
    field = box.get_by_role("searchbox", name="Search messages")
    composer = alice.locator("#composer").get_by_label("Message")
    composer.focus()
    composer.press("/")
    expect(composer).to_have_value("/")
    expect(box).to_be_hidden()
    composer.press("Control+k")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.press("Escape")
    expect(box).to_be_hidden()
    expect(composer).to_be_focused()
    # In a chat, the slash searches there.
    alice.locator("#messages").focus()
    alice.locator("#messages").press("/")
    expect(field).to_have_value(f'in:"{name}" ')
    field.press("Escape")
    expect(alice.locator("#messages")).to_be_focused()
    alice.get_by_role("link", name="Search here").click()
    expect(field).to_have_value(f'in:"{name}" ')
    field.press("Enter")
    expect(alice.get_by_role("heading", name="Search")).to_be_visible()
    expect(alice.get_by_role("searchbox", name="Search messages")).to_have_value(f'in:"{name}" ')


def test_the_page_follows_what_is_typed_and_goes_on_as_one_scrolls(person: People) -> None:
    alice = person("alice")
    word = fresh_name("word").split()[1]
    enter_room(alice, fresh_name("Long"))
    for number in range(25):
        post(alice, f"{word} {number}")
    alice.goto("/search/")
    wait_until_connected(alice)
    field = alice.get_by_role("searchbox", name="Search messages")
    expect(field).to_be_focused()
    field.press_sequentially(word)
    hits = alice.locator("#found .hit")
    expect(hits.first).to_contain_text(f"{word} 24")
    alice.wait_for_url(f"**/search/?q={word}")
    hits.nth(19).scroll_into_view_if_needed()
    expect(hits).to_have_count(25)
    expect(hits.last).to_contain_text(f"{word} 0")


def test_who_types_too_much_is_told_and_keeps_what_was_typed(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Often"))
    wait_until_connected(alice)
    said = '<p class="errorlist" role="alert">That was too often. Try again in 9 seconds.</p>'
    alice.route("**/search/?q=*", lambda route: route.fulfill(status=429, content_type="text/html", body=said))
    alice.locator("body").press("Control+k")
    box = alice.get_by_role("dialog", name="Search")
    field = box.get_by_role("searchbox", name="Search messages")
    field.press_sequentially("apple")
    expect(box.get_by_role("alert")).to_have_text("That was too often. Try again in 9 seconds.")
    expect(field).to_have_value("apple")
