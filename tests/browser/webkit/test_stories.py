"""Stories of two people in WebKitGTK, which Playwright does not drive."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.pages import fresh_name
from tests.browser.proxy import Proxy
from tests.browser.test_every_page import OUTSIDE
from tests.browser.webkit.person import Person
from tests.live.stack import until

People = tuple[Person, Person]
BELOW_LINE = "#messages .line + article .message-body"


def enter_room(person: Person, about: str) -> str:
    """Enter a room that no other story uses; return its address."""
    person.go("/")
    person.find("[name=name]").send_keys(fresh_name(about) + Keys.ENTER)
    person.find("#composer")
    person.wait_until_connected()
    return urlsplit(person.driver.current_url).path


def test_conversation_is_live_in_both_directions(people: People) -> None:
    alice, bob = people
    bob.open(enter_room(alice, "Both"))
    alice.write("Are you there?", Keys.ENTER)
    bob.expect("Are you there?")
    bob.write("I am.", Keys.ENTER)
    alice.expect("Are you there?", "I am.")


def test_composer_sends_by_enter_keeps_the_order_and_grows(people: People) -> None:
    alice, bob = people
    bob.open(enter_room(alice, "Keys"))
    low = alice.ask("return document.querySelector('#composer textarea').offsetHeight")
    alice.write("one", Keys.ENTER, "two", Keys.ENTER, "three", Keys.ENTER)
    for person in people:
        person.expect("one", "two", "three")
    assert alice.find("#composer textarea").get_property("value") == ""
    alice.write("four", Keys.SHIFT, Keys.ENTER, Keys.ENTER, Keys.ENTER, Keys.ENTER, Keys.SHIFT, "five")
    assert alice.ask("return document.querySelector('#composer textarea').offsetHeight") > low
    alice.write(Keys.CONTROL, "a", Keys.CONTROL, "the last", Keys.ENTER)
    bob.expect("one", "two", "three", "the last")
    until(lambda: alice.ask("return document.querySelector('#composer textarea').offsetHeight") == low)


def test_editing_has_the_keys_of_writing_and_gives_the_focus_back(people: People) -> None:
    alice, bob = people
    bob.open(enter_room(alice, "Edit"))
    alice.write("Lunch at one", Keys.ENTER)
    bob.expect("Lunch at one")
    alice.find(".action.is-edit").send_keys(Keys.ENTER)
    field = alice.find("form.edit textarea")
    until(lambda: alice.has_focus("form.edit textarea"))
    field.send_keys(Keys.END, ", by the lake", Keys.ENTER)
    for person in people:
        person.expect("Lunch at one, by the lake")
    until(lambda: alice.has_focus(".action.is-edit"))
    alice.find(".action.is-edit").send_keys(Keys.ENTER)
    alice.find("form.edit textarea").send_keys(Keys.ESCAPE)
    alice.expect("Lunch at one, by the lake")
    until(lambda: alice.has_focus(".action.is-edit"))


def test_what_was_said_while_the_line_was_cut_is_there_after_it(people: People, proxy: Proxy) -> None:
    alice, bob = people
    chat = enter_room(alice, "Outage")
    bob.site = proxy.url
    bob.open(chat)
    alice.write("before", Keys.ENTER)
    bob.expect("before")
    proxy.is_down = True
    proxy.cut()
    alice.write("one", Keys.ENTER, "two", Keys.ENTER)
    alice.expect("before", "one", "two")
    until(lambda: bob.texts("#connection") == ["Reconnecting… You can go on writing."])
    bob.expect("before")
    proxy.is_down = False
    bob.expect("before", "one", "two")
    bob.wait_until_connected()
    until(lambda: not bob.texts("#connection"))
    alice.write("after", Keys.ENTER)
    bob.expect("before", "one", "two", "after")


def test_unread_messages_are_counted_and_begin_below_a_line(people: People) -> None:
    alice, bob = people
    chat = enter_room(alice, "Unread")
    bob.open(chat)
    bob.write("Tell me all of it.", Keys.ENTER)
    alice.expect("Tell me all of it.")
    bob.open("/accounts/profile/")
    alice.write("First,", Keys.ENTER, "second,", Keys.ENTER, "third.", Keys.ENTER)
    mark = f".chat-link[href='{chat}'] .unread"
    until(lambda: any(text.startswith("3") for text in bob.texts(mark)))
    bob.open(chat)
    assert bob.texts(BELOW_LINE) == ["First,"]
    until(lambda: bob.find(mark).get_property("hidden"))
    bob.open("/accounts/profile/")
    assert bob.find(mark).get_property("hidden")


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_sticks_out_on_a_phone(people: People, width: int) -> None:
    alice, _ = people
    chat = enter_room(alice, "Maximilian-Alexander Konstantin von und zu Hohenlohe")
    alice.write("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", Keys.ENTER)
    alice.resize(width, 844)
    for path in (chat, f"{chat}members/", "/", "/notifications/", "/announcements/new/"):
        alice.open(path)
        found = alice.ask(f"return ({OUTSIDE})()")
        assert not any(found.values()), (path, found)


def test_without_scripts_one_writes_edits_and_deletes(window: Callable[..., Person]) -> None:
    alice = window(scripts="off")
    alice.sign_in("alice")
    alice.go("/")
    alice.find("[name=name]").send_keys(fresh_name("Plain"))
    alice.find("[name=name]").submit()
    alice.write("secnod")
    alice.find("#composer .button").click()
    alice.expect("secnod")
    alice.find(".is-edit").send_keys(Keys.ENTER)
    field = alice.find(".sheet [name=body]")
    field.clear()
    field.send_keys("second")
    alice.find(".sheet .button").click()
    alice.expect("second")
    alice.find(".is-delete").send_keys(Keys.ENTER)
    alice.find(".sheet .is-danger").click()
    alice.expect("This message was deleted.")
