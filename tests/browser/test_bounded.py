"""A page keeps only so much of a long chat, and what it has let go is where its links lead: no gap, no double."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import hold, message, open_chat, wait_for
from tests.browser.test_reading import BEGIN, Room, Shell, below, expect_below, line, look_at, look_away, says
from tests.browser.test_reading import shell as shell
from tests.browser.test_scrolling import numbers, place, scroll

People = Callable[..., Page]
MOST = 300
"""So many messages a page keeps at most."""
FILL = """
import uuid
from messaging.models import Message
chat = Chat.objects.get(pk={pk})
chat.post(alice, "message 1.")
first, ahead = chat.messages.get(), chat.seq - 1
Message.objects.bulk_create(
    Message(chat=chat, author=(alice, bob)[number % 10 == 0], body=f"message {{number}}.", number=number,
            html=first.html.replace("1.", f"{{number}}."), created_seq=ahead + number, changed_seq=ahead + number,
            notified_at=first.created_at)
    for number in range(2, {last} + 1)
)
Chat.objects.filter(pk=chat.pk).update(seq=ahead + {last}, last_number={last})
chat.membership_of(bob).mark_read({read})
"""
CHANGE = """
messages = Chat.objects.get(pk={}).messages
messages.get(number={}).edit("changed.")
messages.get(number={}).delete_body()
"""


class LongRoom(Room):
    """A room in which much has been said already, of which bob has read some."""

    def __init__(self, shell: Shell, last: int, read: int) -> None:
        super().__init__(shell)
        shell(BEGIN + FILL.format(pk=self.pk, last=last, read=read) + "answer = 0")


@pytest.fixture
def long_room(shell: Shell) -> LongRoom:
    """400 messages, all of them read; every tenth is bob's."""
    return LongRoom(shell, last=400, read=400)


def read_at_top(page: Page) -> Locator:
    """Go to the top of what the page has; return the text of the first message there."""
    scroll(page, -100_000)
    first = page.locator("#messages article").first.get_attribute("id")
    return page.locator(f"#{first} .message-body")


def expect_whole(page: Page, holds: int) -> list[int]:
    """Wait until a page has let go all but so many messages; those are without a gap."""
    wait_for(page, lambda: len(numbers(page)) <= holds)
    there = numbers(page)
    assert there == list(range(there[0], there[0] + len(there)))
    return there


def page_up(page: Page, times: int) -> None:
    """Have the page load older messages so often."""
    for _ in range(times):
        first = numbers(page)[0]
        scroll(page, -100_000)
        expect(message(page, f"message {first - 1}.")).to_be_attached()


def test_page_at_the_end_keeps_the_newest(person: People, shell: Shell) -> None:
    bob, room = person("bob"), LongRoom(shell, last=60, read=60)
    open_chat(bob, f"{room.path}?at=end")
    for first in range(61, 241, 12):
        room.say(*says(first, first + 11))
        expect(message(bob, f"message {first + 11}.")).to_be_in_viewport()
    there = expect_whole(bob, 150)
    assert (there[0] > 11, there[-1]) == (True, 240)
    room.expect_unread(bob, 0)
    while there[0] > 1:
        read = read_at_top(bob)
        expect(message(bob, f"message {there[0] - 1}.")).to_be_attached()
        before = place(read)
        there = expect_whole(bob, MOST)
        assert abs(place(read) - before) < 2
    expect(bob.get_by_role("link", name="Older messages")).to_have_count(0)


def test_reader_pages_to_the_beginning_and_back_to_the_end(person: People, long_room: LongRoom) -> None:
    bob = person("bob")
    open_chat(bob, long_room.path)
    there = expect_whole(bob, 50)
    while there[0] > 1:
        first = there[0]
        page_up(bob, 1)
        expect(bob.locator("#messages > .older.htmx-request")).to_have_count(0)
        there = expect_whole(bob, 150)
        assert there[0] == max(1, first - 50)
    assert there[-1] < 400
    while there[-1] < 400:
        last = there[-1]
        scroll(bob, 100_000)
        expect(message(bob, f"message {last + 1}.")).to_be_attached()
        expect(message(bob, f"message {last}.")).to_be_in_viewport()
        there = expect_whole(bob, 150)
        assert there[-1] == min(400, last + 50)
    scroll(bob, 100_000)
    expect(bob.locator("#below")).to_be_hidden()
    long_room.say("message 401.")
    expect(message(bob, "message 401.")).to_be_in_viewport()
    assert expect_whole(bob, 150)[-1] == 401


def test_what_is_read_stays_where_it_is_while_the_other_end_goes(person: People, long_room: LongRoom) -> None:
    bob = person("bob")
    open_chat(bob, long_room.path)
    page_up(bob, 1)
    expect(message(bob, "message 400.")).to_be_attached()
    held = hold(bob, "**/?before=*")
    with bob.expect_request("**/?before=*"):
        read = read_at_top(bob)
    expect(read).to_have_text("message 301.")
    before = place(read)
    held.pop().continue_()
    expect(message(bob, "message 251.")).to_be_attached()
    expect(message(bob, "message 400.")).to_have_count(0)
    assert abs(place(read) - before) < 2


def test_what_comes_below_a_cut_list_is_counted_and_unread_until_it_was_seen(
    person: People, long_room: LongRoom
) -> None:
    bob = person("bob")
    open_chat(bob, long_room.path)
    page_up(bob, 4)
    there = expect_whole(bob, 150)
    long_room.say("message 401.", "message 402.")
    expect(bob.locator("[data-newer='402']")).to_be_attached()
    expect(below(bob)).to_have_text("2 new below", use_inner_text=True)
    assert numbers(bob) == there
    long_room.expect_unread(bob, 2)
    while there[-1] < 402:
        scroll(bob, 100_000)
        expect(message(bob, f"message {there[-1] + 1}.")).to_be_attached()
        there = expect_whole(bob, 150)
    scroll(bob, 100_000)
    expect(message(bob, "message 402.")).to_be_in_viewport()
    long_room.expect_unread(bob, 0)


def test_what_has_gone_comes_back_as_it_is_by_then(person: People, long_room: LongRoom) -> None:
    bob = person("bob")
    open_chat(bob, long_room.path)
    page_up(bob, 4)
    expect(message(bob, "message 399.")).to_have_count(0)
    long_room.shell(f"{BEGIN}{CHANGE.format(long_room.pk, 398, 399)}answer = 0")
    last = expect_whole(bob, 150)[-1]
    while last < 400:
        scroll(bob, 100_000)
        expect(message(bob, f"message {last + 1}.")).to_be_attached()
        last = expect_whole(bob, 150)[-1]
    texts = bob.locator("#messages .message-body").all_inner_texts()
    assert texts[-4:] == ["message 397.", "changed.", "This message was deleted.", "message 400."]


def test_line_of_the_unread_comes_back_with_its_message(person: People, shell: Shell) -> None:
    bob, room = person("bob"), LongRoom(shell, last=400, read=355)
    open_chat(bob, room.path)
    expect(line(bob)).to_be_in_viewport()
    page_up(bob, 4)
    expect(line(bob)).to_have_count(0)
    while numbers(bob)[-1] < 356:
        last = numbers(bob)[-1]
        scroll(bob, 100_000)
        expect(message(bob, f"message {last + 1}.")).to_be_attached()
    expect(line(bob)).to_have_count(1)
    assert line(bob).evaluate("line => line.nextElementSibling.dataset.number") == "356"


def test_message_that_is_being_edited_stays_for_long_and_its_text_for_good(person: People, long_room: LongRoom) -> None:
    bob = person("bob")
    open_chat(bob, long_room.path)
    own = bob.locator("#messages article[data-number='380']")
    own.hover()
    own.get_by_role("link", name="Edit", exact=True).click()
    own.get_by_label("Message").fill("half a text")
    page_up(bob, 4)
    expect(own.get_by_label("Message")).to_have_value("half a text")
    page_up(bob, 3)
    assert expect_whole(bob, MOST)[-1] < 380
    bob.goto(f"{long_room.path}?at=380")
    own.hover()
    own.get_by_role("link", name="Edit", exact=True).click()
    expect(own.get_by_label("Message")).to_have_value("half a text")


def test_hidden_page_keeps_what_came_first_and_counts_the_rest(person: People, shell: Shell) -> None:
    bob, room = person("bob"), LongRoom(shell, last=60, read=60)
    open_chat(bob, f"{room.path}?at=end")
    expect(message(bob, "message 60.")).to_be_in_viewport()
    look_away(bob)
    room.say(*says(61, 300))
    expect(bob.locator("[data-newer='300']")).to_be_attached()
    there = expect_whole(bob, 150)
    assert there[0] < 61 < there[-1]
    room.expect_unread(bob, 240)
    look_at(bob)
    expect(line(bob)).to_be_in_viewport()
    expect(message(bob, "message 61.")).to_be_in_viewport()
    expect_below(bob, 300)


def test_cut_list_is_printed_without_its_links(person: People, long_room: LongRoom) -> None:
    bob = person("bob")
    open_chat(bob, long_room.path)
    page_up(bob, 4)
    for name in ("Older messages", "Newer messages"):
        expect(bob.get_by_role("link", name=name)).to_be_attached()
    bob.emulate_media(media="print")
    for link in (".older", ".newer"):
        expect(bob.locator(link)).to_be_hidden()
    expect(bob.locator("#messages article").last).to_be_visible()
