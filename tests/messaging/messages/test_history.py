"""Which part of a chat its page shows, where it begins, and what leads on from there."""

import uuid
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.messages.broadcasts import message_html
from messaging.messages.recipients import notify_about
from messaging.models import Chat, Message, TimeZone
from notifications.live import streams
from notifications.push import dom_id
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def long(room: Chat, alice: User) -> Chat:
    """A room in which alice has said 150 things, of which bob has read none."""
    room.post(alice, "message 1.")
    first = room.messages.get()
    ahead = room.seq - 1
    Message.objects.bulk_create(
        Message(
            chat=room,
            author=alice,
            client_id=uuid.uuid4(),
            body=f"message {number}.",
            html=first.html.replace("1.", f"{number}."),
            number=number,
            created_seq=ahead + number,
            changed_seq=ahead + number,
        )
        for number in range(2, 151)
    )
    Chat.objects.filter(pk=room.pk).update(seq=ahead + 150, last_number=150)
    room.membership_of(alice).mark_read(150)
    room.refresh_from_db()
    return room


def page(chat: Chat, user: User, asked: str = "", **headers: str) -> BeautifulSoup:
    answer = signed_in(user).get(f"{chat.get_absolute_url()}{asked}", headers=headers)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def numbers(soup: BeautifulSoup) -> list[int]:
    return [int(str(article["data-number"])) for article in soup.select("article:not(template *)")]


def query(link: Tag) -> str:
    """Return what a link asks of a chat's address."""
    return f"?{str(link['hx-get']).partition('?')[2]}"


def line(soup: BeautifulSoup) -> int | None:
    """Return the number of the message that the line stands before."""
    found = soup.select_one("#messages > .line")
    return int(str(found.find_next_sibling("article")["data-number"])) if found else None


@pytest.mark.parametrize(
    ("read", "first", "last", "before"),
    [
        (0, 1, 50, 1),
        (1, 1, 51, 2),
        (60, 51, 110, 61),
        (99, 90, 149, 100),
        (100, 91, 150, 101),
        (130, 101, 150, 131),
        (149, 101, 150, 150),
        (150, 101, 150, None),
    ],
)
def test_a_chat_begins_at_the_first_unread(
    long: Chat, bob: User, read: int, first: int, last: int, before: int | None
) -> None:
    long.membership_of(bob).mark_read(read)
    soup = page(long, bob)
    assert (numbers(soup), line(soup)) == (list(range(first, last + 1)), before)
    assert bool(soup.select("#messages .older")) == (first > 1)
    assert bool(soup.select("#messages .newer")) == (last < 150)
    assert soup.select_one("#below").has_attr("hidden") == (last == 150)
    assert soup.select_one("[data-count]").text == str(150 - last)
    assert soup.select_one("#live"), "what comes is shown, or counted"
    assert len(soup.select("#messages [autofocus]")) == (before is not None)


def test_whoever_is_no_member_sees_the_newest(long: Chat, carol: User) -> None:
    soup = page(long, carol)
    assert (numbers(soup), line(soup)) == (list(range(101, 151)), None)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("?at=71", 61, 120),
        ("?at=1", 1, 50),
        ("?at=140", 101, 150),
        ("?at=150", 101, 150),
        ("?at=999", 101, 150),
        ("?at=end", 101, 150),
        ("?after=50", 41, 100),
        ("?after=120", 101, 150),
        ("?at=0", 1, 50),
        ("?at=x", 1, 50),
        ("?at=-3", 1, 50),
        (f"?at={'9' * 30}", 1, 50),
        ("?after=x", 1, 50),
    ],
)
def test_an_address_leads_to_its_part_of_a_chat(long: Chat, bob: User, asked: str, first: int, last: int) -> None:
    soup = page(long, bob, asked)
    assert numbers(soup) == list(range(first, last + 1))
    assert soup.select_one("#live, #composer")


def test_a_message_that_an_address_leads_to_is_marked(long: Chat, bob: User) -> None:
    soup = page(long, bob, "?at=71")
    assert [int(str(each["data-number"])) for each in soup.select("[autofocus]")] == [71]
    assert line(soup) is None, "the first unread is not on it"
    assert line(page(long, bob, "?at=5")) == 1


def test_parts_follow_each_other_without_gaps_or_doubles(long: Chat, bob: User) -> None:
    first = page(long, bob, "?at=71")
    soup, shown = first, numbers(first)
    while newer := soup.select_one(".newer"):
        soup = page(long, bob, query(newer), **HTMX)
        assert not soup.select(".older, .line, html, [autofocus]")
        shown += numbers(soup)
    soup = first
    while older := soup.select_one(".older"):
        soup = page(long, bob, query(older), **HTMX)
        assert not soup.select(".newer, .line, html, [autofocus]")
        shown = numbers(soup) + shown
    assert shown == list(range(1, 151))


def test_a_page_costs_the_same_wherever_it_begins(long: Chat, bob: User) -> None:
    browser = signed_in(bob)
    browser.get("/")

    def cost(asked: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"{long.get_absolute_url()}{asked}")
        return len(queries)

    costs = {asked: cost(asked) for asked in ("", "?at=71", "?at=end", "?after=30")}
    assert max(costs.values()) - min(costs.values()) == 0, costs


def turns(soup: BeautifulSoup) -> list[bool]:
    return ["is-continued" in str(each["class"]) for each in soup.select("article:not(template *)")]


def test_what_one_person_says_in_a_row_stands_together(room: Chat, alice: User, bob: User) -> None:
    said = [room.post(author, "hello") for author in (alice, alice, bob, bob, bob)]
    Message.objects.filter(number__gte=5).update(created_at=said[3].created_at + timedelta(minutes=5))
    assert turns(page(room, alice)) == [False, True, False, True, False]
    pushed = [message_html(message, is_new=True) for message in room.messages.order_by("number")]
    assert turns(BeautifulSoup("".join(pushed), "html.parser")) == [False, True, False, True, False]
    replayed = BeautifulSoup(streams.catch_up(room.stream, 1), "html.parser")
    assert turns(replayed) == [True, False, True, False]


def test_behind_the_line_a_turn_begins_anew(room: Chat, alice: User, bob: User) -> None:
    for _ in range(4):
        room.post(alice, "hello")
    room.membership_of(bob).mark_read(2)
    assert turns(page(room, bob)) == [False, True, False, True]


def test_each_day_has_its_name(room: Chat, alice: User) -> None:
    said = [room.post(alice, "hello") for _ in range(4)]
    for days, numbers in ((40, (1,)), (1, (2, 3))):
        Message.objects.filter(number__in=numbers).update(created_at=said[0].created_at - timedelta(days=days))
    kinds = ["day" if "day" in str(each["class"]) else "message" for each in page(room, alice).select("#messages > *")]
    assert kinds == ["day", "message", "day", "message", "message", "day", "message"]


def test_the_chat_that_is_open_is_the_current_one_of_the_list(room: Chat, private: Chat, bob: User) -> None:
    address = room.get_absolute_url()
    for path, mark in ((address, "page"), (f"{address}?at=3", "page"), (f"{address}members/", "true")):
        soup = BeautifulSoup(signed_in(bob).get(path).content, "html.parser")
        assert {each["href"]: each["aria-current"] for each in soup.select(".chat-link[aria-current]")} == {
            address: mark
        }
    soup = BeautifulSoup(signed_in(bob).get("/").content, "html.parser")
    assert not soup.select(".chat-link[aria-current]")


def test_a_notification_leads_to_its_message(long: Chat, alice: User, bob: User) -> None:
    message = long.post(alice, "@bob look")
    notify_about(message)
    url = bob.inbox.notifications.get().url
    assert url == f"{long.get_absolute_url()}?at=151#{dom_id(message)}"
    answer = signed_in(bob).post(f"/notifications/{bob.inbox.notifications.get().pk}/reading/")
    assert answer["Location"] == url


def said_at(chat: Chat, *moments: str) -> None:
    """Let the chat's messages have been said then, in order."""
    for number, moment in enumerate(moments, 1):
        chat.messages.filter(number=number).update(created_at=datetime.fromisoformat(moment))


@pytest.fixture
def days(room: Chat, alice: User) -> Chat:
    """A room in which one thing was said on each of three days, by the clock of UTC."""
    for word in ("first", "second", "third"):
        room.post(alice, word)
    said_at(room, "2026-03-01T12:00Z", "2026-03-03T23:30Z", "2026-03-05T00:00Z")
    return room


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2026-03-01", 1),
        ("2026-03-02", 2),
        ("2026-03-03", 2),
        ("2026-03-04", 3),
        ("2026-03-05", 3),
        ("0001-01-01", 1),
        ("2026-03-06", None),
        ("9999-12-31", None),
    ],
)
def test_a_chat_opens_at_the_first_message_of_a_day_or_the_next_one(
    days: Chat, bob: User, day: str, number: int | None
) -> None:
    begin = page(days, bob, f"?on={day}").select_one("#messages > [autofocus]")
    assert (int(str(begin["data-number"])) if begin and begin.name == "article" else None) == number


@pytest.mark.parametrize(
    ("zone", "day", "number"),
    [
        ("UTC", "2026-03-04", "3"),
        ("Asia/Tokyo", "2026-03-04", "2"),
        ("America/New_York", "2026-03-04", "3"),
        ("UTC", "2026-03-05", "3"),
        ("America/New_York", "2026-03-05", None),
    ],
)
def test_a_day_is_one_of_the_readers_clock(days: Chat, bob: User, zone: str, day: str, number: str | None) -> None:
    TimeZone.objects.create(user=bob, chosen=zone)
    begin = page(days, bob, f"?on={day}").select_one("article[autofocus]")
    assert (begin and begin["data-number"]) == number


@pytest.mark.parametrize("day", ["29.11.2026", "2026-13-01", "2026-02-30", "x", "2026-11-29T00:00"])
def test_what_is_no_day_is_said_beside_the_chat(days: Chat, bob: User, day: str) -> None:
    answer = signed_in(bob).get(days.get_absolute_url(), {"on": day})
    assert answer.status_code == 422
    shown = BeautifulSoup(answer.content, "html.parser")
    assert "That is no day." in shown.select_one("main .errorlist").text
    assert numbers(shown) == [1, 2, 3]


def test_an_empty_day_asks_for_none(days: Chat, bob: User) -> None:
    assert numbers(page(days, bob, "?on=")) == [1, 2, 3]


def test_a_day_takes_one_query_more(days: Chat, bob: User) -> None:
    def queries(asked: str) -> int:
        client = signed_in(bob)
        client.get(days.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{days.get_absolute_url()}{asked}")
        return len(captured)

    assert queries("?on=2026-03-03") == queries("") + 1


def test_a_day_of_a_chat_is_for_those_who_may_read_it(private: Chat, alice: User, bob: User, carol: User) -> None:
    private.post(alice, "only for alice and bob")
    former = signed_in(bob)
    private.release(bob)
    for client in (signed_in(carol), former):
        assert client.get(f"{private.get_absolute_url()}?on=2026-01-01").status_code == 404
