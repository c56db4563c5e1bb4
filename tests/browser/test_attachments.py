"""Two people send each other files: chosen, dropped, pasted, cancelled, tried again, looked at and played in place."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.pages import composer, enter_room, expect_unsent, fresh_name, message, open_chat, try_again
from tests.browser.test_accessibility import expect_no_barriers
from tests.messaging.attachments import samples

People = Callable[..., Page]
PICTURE = {"name": "corner.png", "mimeType": "image/png", "buffer": samples.picture("PNG", samples.noise((900, 600)))}
OTHER = {"name": "tall.jpg", "mimeType": "image/jpeg", "buffer": samples.picture("JPEG", samples.noise((400, 800)))}
NOTES: Any = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"remember the cake"}
THUMBNAIL = re.compile("/thumbnail/$")
DROP = """([type, name, text]) => {
  const files = new DataTransfer()
  files.items.add(new File([text], name, { type: "text/plain" }))
  // No browser lets a script make a paste with files.
  const event = new Event(type, { bubbles: true, cancelable: true })
  Object.defineProperty(event, type === "paste" ? "clipboardData" : "dataTransfer", { value: files })
  document.querySelector(type === "paste" ? "#id_body" : "#messages").dispatchEvent(event)
}"""


def choose(page: Page, *files: Any) -> None:
    """Choose files with the paper clip."""
    page.get_by_label("Attach files").set_input_files(list(files))


def kept(page: Page) -> Locator:
    """Return the lines of files that are there and wait for their message."""
    return page.locator(".kept[data-key]")


def test_a_picture_is_shown_live_in_its_size_and_looked_at_by_keys(person: People) -> None:
    alice, bob = person("alice"), person("bob", color_scheme="dark")
    chat = enter_room(alice, fresh_name("Pictures"))
    open_chat(bob, chat)
    choose(alice, PICTURE, OTHER, NOTES)
    expect(kept(alice)).to_have_count(3)
    alice.get_by_label("Description of corner.png").fill("A red corner")
    composer(alice).fill("Look at these")
    expect_no_barriers(alice)
    composer(alice).press("Enter")
    expect(kept(alice)).to_have_count(0)
    article = message(bob, "Look at these")
    pictures = article.locator(".file-picture img")
    expect(pictures).to_have_count(2)
    height = article.bounding_box()["height"]
    for picture in pictures.all():
        expect(picture).to_have_attribute("src", THUMBNAIL)
        expect(picture).to_have_js_property("complete", True)
    assert article.bounding_box()["height"] == height
    expect_no_barriers(bob)
    assert pictures.first.evaluate("image => [image.naturalWidth, image.width, image.height]") == [480, 360, 240]
    article.get_by_role("link", name="A red corner").click()
    viewer = bob.get_by_role("dialog", name="Picture")
    expect(viewer.locator("figcaption")).to_have_text("A red corner")
    expect(viewer.locator("img")).to_have_js_property("naturalWidth", 900)
    expect_no_barriers(bob)
    bob.keyboard.press("ArrowRight")
    expect(viewer.locator("img")).to_have_js_property("naturalWidth", 400)
    expect(viewer).to_contain_text("2 of 2")
    bob.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("1 of 2")
    bob.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(article.get_by_role("link", name="A red corner")).to_be_focused()
    with bob.expect_download() as download:
        article.get_by_role("link", name="notes.txt").click()
    assert download.value.suggested_filename == "notes.txt"
    assert download.value.path().read_bytes() == NOTES["buffer"]


def test_what_fails_is_tried_again_and_the_message_waits_for_it(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Failing"))
    alice.route("**/files/", lambda route: route.abort())
    choose(alice, NOTES)
    line = alice.locator(".kept")
    expect(line.get_by_role("alert")).to_contain_text("the site does not answer")
    held: list[Route] = []
    alice.unroute("**/files/")
    alice.route("**/files/", lambda route: held.append(route))
    line.get_by_role("button", name="Try again").click()
    composer(alice).fill("With notes")
    composer(alice).press("Enter")
    expect(alice.get_by_text("Sent as soon as the files are there.")).to_be_visible()
    expect(composer(alice)).to_have_value("With notes")
    held[0].continue_()
    expect(message(alice, "With notes").locator(".file-name")).to_have_text("notes.txt")
    expect(composer(alice)).to_have_value("")


@pytest.mark.parametrize("text", ["Take these", ""])
def test_what_was_not_sent_keeps_its_files(person: People, text: str) -> None:
    alice = person("alice")
    chat = enter_room(alice, fresh_name("Coming back"))
    alice.route("**/messages/", lambda route: route.abort())
    choose(alice, NOTES)
    expect(kept(alice)).to_have_count(1)
    composer(alice).fill(text)
    composer(alice).press("Enter")
    for _ in ("failed", "and a page later"):
        expect_unsent(alice, f"{text}\nnotes.txt".strip())
        expect(composer(alice)).to_have_value("")
        expect(kept(alice)).to_have_count(0)
        alice.goto(chat)
    alice.unroute("**/messages/")
    try_again(alice, "notes.txt")
    expect_unsent(alice)
    expect(message(alice, text).locator(".file-name")).to_have_text("notes.txt")
    expect(kept(alice)).to_have_count(0)
    expect(alice.locator("#messages article")).to_have_count(1)


def test_a_file_is_cancelled_refused_left_out_and_still_there_after_a_reload(person: People) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Choosing"))
    alice.route("**/files/", lambda route: None)
    choose(alice, NOTES)
    alice.get_by_role("button", name="Cancel").click()
    expect(alice.locator(".kept")).to_have_count(0)
    alice.unroute("**/files/")
    choose(alice, {**NOTES, "name": "photo.png"}, NOTES, PICTURE)
    expect(alice.locator(".kept.is-failed")).to_contain_text("photo.png: By its name it is something else")
    expect(kept(alice)).to_have_count(2)
    alice.get_by_role("button", name="Leave out corner.png").click()
    alice.get_by_label("Description of notes.txt").fill("What to remember")
    composer(alice).fill("What is left")
    alice.reload()
    expect(kept(alice)).to_have_count(1)
    expect(alice.get_by_label("Description of notes.txt")).to_have_value("What to remember")
    alice.get_by_role("button", name="Send", exact=True).click()
    article = message(alice, "What is left")
    expect(article.locator(".file-name")).to_have_text("notes.txt")
    expect(article.locator(".file-alt")).to_have_text("What to remember")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_files_are_dropped_and_pasted(person: People, way: str) -> None:
    alice = person("alice")
    enter_room(alice, fresh_name("Dropped"))
    alice.evaluate(DROP, [way, "list.txt", "flour, eggs"])
    expect(kept(alice)).to_contain_text("list.txt")
    composer(alice).press("Enter")
    expect(alice.locator("#messages .file-name")).to_have_text("list.txt")
    expect(kept(alice)).to_have_count(0)


def test_a_sound_plays_in_place_and_on_when_its_message_changes(person: People) -> None:
    alice, bob = person("alice"), person("bob")
    chat = enter_room(alice, fresh_name("Sounds"))
    open_chat(bob, chat)
    choose(alice, {"name": "voice.wav", "mimeType": "audio/wav", "buffer": samples.sound(60)})
    expect(kept(alice)).to_have_count(1)
    composer(alice).fill("Listen")
    composer(alice).press("Enter")
    sound = message(bob, "Listen").locator("audio")
    sound.evaluate("sound => { sound.muted = true; sound.currentTime = 30; return sound.play() }")
    message(alice, "Listen").get_by_role("link", name="React").click()
    alice.get_by_role("button", name="🎉").click()
    expect(message(bob, "Listen").locator(".reaction")).to_be_visible()
    expect(sound).to_have_js_property("paused", False)
    assert sound.evaluate("sound => sound.currentTime") >= 30


def test_without_scripts_files_go_with_their_form(person: People) -> None:
    alice, bob = person("alice", java_script_enabled=False), person("bob", java_script_enabled=False)
    chat = enter_room(alice, fresh_name("Plain files"))
    composer(alice).fill("Both of these")
    choose(alice, NOTES, {**NOTES, "name": "photo.png"})
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.get_by_role("alert").filter(has_text="photo.png")).to_be_visible()
    expect(composer(alice)).to_have_value("Both of these")
    expect(alice.get_by_role("checkbox", name="notes.txt")).to_be_checked()
    choose(alice, PICTURE)
    alice.get_by_role("button", name="Send", exact=True).click()
    bob.goto(chat)
    article = message(bob, "Both of these")
    expect(article.locator(".file-name")).to_have_text("notes.txt")
    article.get_by_role("link", name="corner.png").click()
    expect(bob.get_by_role("heading", name="corner.png")).to_be_visible()
    expect(bob.locator("img.file-whole")).to_have_js_property("naturalWidth", 900)
