"""The pages of what waits: kept, listed, changed, cancelled; by whose it is, and by their own clock."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.later import forms, typed, views
from messaging.later.models import MOST, of_themselves
from messaging.models import Chat, Draft, Later, TimeZone
from messaging.tasks import do_later
from notifications.testing import Event, assert_not_pushed, assert_pushed
from tests.conftest import signed_in
from tests.program import Program, problem

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
HTMX = {"HX-Request": "true"}
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def alice(alice: User) -> User:
    TimeZone.objects.create(user=alice, chosen="Europe/Berlin")
    return alice


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def local(at: datetime) -> str:
    return f"{at.astimezone(BERLIN):%Y-%m-%dT%H:%M}"


def fill_in(user: User, address: str, **fields: str) -> Any:
    return signed_in(user).post(address, {"body": "Good morning!", "at": "", "every": "", **fields})


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 422
    return [each.get_text(strip=True) for each in soup(answer).select("form .errorlist li")]


def listed(user: User, address: str = "/later/") -> list[str]:
    return [" ".join(each.text.split()) for each in soup(signed_in(user).get(address)).select(".cards > li")]


def test_the_composer_asks_when_and_the_text_goes_along(private: Chat, alice: User, bob: User) -> None:
    client, address = signed_in(alice), f"/chats/{private.pk}/later/"
    button = soup(client.get(f"/chats/{private.pk}/")).select_one(f"#composer button[formaction='{address}']")
    assert button
    page = soup(client.post(address, {"body": "Good <b>morning</b>!", "client_id": str(uuid.uuid4())}))
    box = page.select_one("textarea[name=body]")
    assert box
    assert box.text.strip("\n") == "Good <b>morning</b>!"
    assert [each["value"] for each in page.select("button[name=when]")] == ["hour", "tomorrow", "monday"]
    assert not Later.objects.exists()
    warned = client.post(address, {"body": "See this", "reply": "7"})
    assert "Only a text can be sent later" in warned.content.decode()


def test_a_preset_keeps_it_by_ones_own_clock_and_ends_the_draft(private: Chat, alice: User) -> None:
    Draft.objects.keep(alice, private, "Good morning!")
    answer = fill_in(alice, f"/chats/{private.pk}/later/", when="tomorrow")
    assert answer["Location"] == f"/chats/{private.pk}/"
    row = Later.objects.get()
    at = row.first_at.astimezone(BERLIN)
    assert (at.date() - timezone.localdate(timezone=BERLIN), at.hour, at.minute) == (timedelta(days=1), 9, 0)
    assert (row.user, row.chat, row.body, row.zone, row.next_at) == (
        alice,
        private,
        "Good morning!",
        "Europe/Berlin",
        row.first_at,
    )
    assert not Draft.objects.exists()
    assert private.messages.count() == 0


def test_the_page_says_that_it_is_kept(private: Chat, alice: User) -> None:
    client = signed_in(alice)
    client.post(f"/chats/{private.pk}/later/", {"body": "Hi", "at": "", "when": "monday"})
    flash = soup(client.get(f"/chats/{private.pk}/")).select_one(".flash[role=status]")
    assert flash
    assert re.search(r"It will be sent on Monday, .*, 09:00\.", flash.text)


def test_a_time_of_ones_own_is_read_by_the_forms_clock(private: Chat, alice: User) -> None:
    at = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    assert fill_in(alice, f"/chats/{private.pk}/later/", at=local(at), every="weekday").status_code == 303
    tokyo = {"zone": "Asia/Tokyo", "at": f"{at.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%dT%H:%M}"}
    assert fill_in(alice, f"/chats/{private.pk}/later/", **tokyo).status_code == 303
    assert list(Later.objects.order_by("pk").values_list("first_at", "every", "zone")) == [
        (at, "weekday", "Europe/Berlin"),
        (at, "", "Asia/Tokyo"),
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, forms.NO_TIME),
        ({"at": local(timezone.now() - 3 * A_MINUTE)}, "That time has passed."),
        ({"at": "0001-01-01T00:00"}, "That time has passed."),
        ({"at": local(timezone.now() + timedelta(days=368))}, "That is too far ahead: at most a year."),
        ({"at": "9999-12-31T23:59"}, "That is too far ahead: at most a year."),
        ({"at": "tomorrow"}, "Enter a valid date/time."),
        ({"at": "\0"}, "Enter a valid date/time."),
        ({"when": "hour", "body": " "}, "Write something first."),
        ({"when": "hour", "body": "/nobody-knows"}, "Nobody here knows the command /nobody-knows."),
        ({"when": "hour", "body": "/remind in 1 hour tea"}, "/remind works only in the box of a page"),
        ({"when": "yesterday"}, "Select a valid choice."),
        ({"when": "hour", "every": "minute"}, "Select a valid choice."),
        ({"when": "hour", "client_id": "x"}, "Enter a valid UUID."),
    ],
)
def test_what_cannot_be_is_said_by_its_field_and_the_text_stays(
    private: Chat, alice: User, fields: dict[str, str], reason: str
) -> None:
    answer = fill_in(alice, f"/chats/{private.pk}/later/", **fields)
    assert any(each.startswith(reason) for each in errors(answer)), errors(answer)
    box = soup(answer).select_one("textarea[name=body]")
    assert box
    assert box.text.strip("\n") == fields.get("body", "Good morning!")
    assert not Later.objects.exists()


def test_past_the_limit_it_is_refused_with_the_text_kept(private: Chat, alice: User) -> None:
    at = timezone.now() + timedelta(days=1)
    Later.objects.bulk_create(
        Later(user=alice, kind="reminder", body="x", first_at=at, next_at=at) for _ in range(MOST)
    )
    answer = fill_in(alice, f"/chats/{private.pk}/later/", when="hour")
    assert errors(answer) == ["At most 200 of them wait at a time: cancel one at Later first."]
    assert "Good morning!" in answer.content.decode()


def test_only_members_keep_something_for_a_room(room: Chat, private: Chat, carol: User) -> None:
    assert errors(fill_in(carol, f"/chats/{room.pk}/later/", when="hour")) == [forms.NO_MEMBER]
    for method in ("get", "post"):
        assert getattr(signed_in(carol), method)(f"/chats/{private.pk}/later/").status_code == 404
    assert fill_in(carol, f"/chats/{private.pk}/later/", when="hour").status_code == 404


def test_the_same_form_keeps_one(private: Chat, alice: User) -> None:
    form = {"when": "hour", "client_id": str(uuid.uuid4())}
    for _ in range(2):
        assert fill_in(alice, f"/chats/{private.pk}/later/", **form).status_code == 303
    assert Later.objects.count() == 1
    refused = fill_in(alice, f"/chats/{private.pk}/later/", **form, body="Other")
    assert "has been kept already" in errors(refused)[0]
    fresh = soup(refused).select_one("[name=client_id]")
    assert fresh
    assert (
        fill_in(alice, f"/chats/{private.pk}/later/", **{**form, "client_id": str(fresh["value"])}).status_code == 303
    )


def test_the_menu_of_a_message_leads_to_a_reminder_of_it(private: Chat, alice: User, bob: User, carol: User) -> None:
    message = private.post(bob, "We *launch* on Friday.")
    entries = soup(signed_in(alice).get(f"/messages/{message.pk}/menu/")).select("a.menu-entry")
    (address,) = [str(each["href"]) for each in entries if each.text.strip() == "Remind me"]
    assert "We launch on Friday." in signed_in(alice).get(address).content.decode()
    assert fill_in(alice, address, when="hour", body="")["Location"] == message.place
    assert Later.objects.get().message == message
    for user in (bob, carol):
        assert listed(user) == []
    assert signed_in(carol).get(address).status_code == fill_in(carol, address, when="hour").status_code == 404
    message.delete_body()
    assert signed_in(alice).get(address).status_code == 404


def test_the_list_shows_what_waits_and_what_was_not_sent(private: Chat, alice: User, bob: User) -> None:
    message = private.post(bob, "We *launch* on Friday.")
    fill_in(alice, f"/messages/{message.pk}/reminder/", when="hour", body="<i>Cake</i>", every="day")
    fill_in(alice, f"/chats/{private.pk}/later/", when="monday")
    first, second = sorted(listed(alice), key=lambda each: "Reminder" not in each)
    assert first.startswith("Reminder")
    assert "Every day <i>Cake</i> We launch on Friday. Change Cancel Launch" in first
    assert "Good morning! Change Cancel Launch" in second
    Later.objects.filter(kind="message").update(next_at=timezone.now())
    private.release(alice)
    do_later()
    failed, reminder = listed(alice)
    assert "Not sent: You are not a member of the chat any more. Good morning! Change Delete" in failed
    assert "We launch" not in reminder
    assert "Launch" not in failed + reminder


def test_it_is_changed_and_cancelled_by_whose_it_is_alone(private: Chat, alice: User, bob: User) -> None:
    fill_in(alice, f"/chats/{private.pk}/later/", when="hour")
    row = Later.objects.get()
    for method, address in (("get", ""), ("post", ""), ("post", "deletion/")):
        assert getattr(signed_in(bob), method)(f"/later/{row.pk}/{address}").status_code == 404
    box = soup(signed_in(alice).get(f"/later/{row.pk}/")).select_one("[name=at]")
    assert box
    assert box["value"] == local(row.first_at)
    at = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    answer = fill_in(alice, f"/later/{row.pk}/", at=local(at), body="Good evening!", every="week")
    assert answer["Location"] == "/later/"
    row.refresh_from_db()
    assert (row.body, row.first_at, row.next_at, row.every) == ("Good evening!", at, at, "week")
    assert signed_in(alice).post(f"/later/{row.pk}/deletion/")["Location"] == "/later/"
    assert not Later.objects.exists()
    assert signed_in(alice).post(f"/later/{row.pk}/deletion/").status_code == 404


def test_what_was_not_sent_is_sent_by_another_time(private: Chat, alice: User, bob: User) -> None:
    fill_in(bob, f"/chats/{private.pk}/later/", when="hour")
    Later.objects.update(next_at=timezone.now())
    private.release(bob)
    do_later()
    row = Later.objects.get()
    assert errors(fill_in(bob, f"/later/{row.pk}/", when="hour")) == [forms.NO_MEMBER]
    private.admit(bob)
    assert fill_in(bob, f"/later/{row.pk}/", when="hour").status_code == 303
    row.refresh_from_db()
    assert (row.next_at, row.refusal) == (row.first_at, "")


def test_what_is_done_meanwhile_is_not_changed_and_the_text_comes_back(private: Chat, alice: User) -> None:
    fill_in(alice, f"/chats/{private.pk}/later/", when="hour")
    form = forms.LaterForm(Later.objects.get(), {"body": "New text", "when": "hour", "at": ""})
    Later.objects.update(first_at=timezone.now(), next_at=timezone.now())
    do_later()
    assert form.is_valid()
    assert not form.save()
    assert form.non_field_errors() == [forms.GONE]


def test_a_long_list_has_pages_and_each_costs_the_same(private: Chat, alice: User) -> None:
    client, counts, at = signed_in(alice), [], timezone.now() + timedelta(days=1)
    for count in (2, views.PAGE_SIZE + 4):
        Later.objects.all().delete()
        rows = [
            Later(user=alice, kind="reminder", message=private.post(alice, f"number {n}"), first_at=at, next_at=at)
            for n in range(count - 1)
        ]
        Later.objects.bulk_create([*rows, Later(user=alice, kind="message", chat=private, first_at=at, next_at=at)])
        client.get("/later/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/later/")
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert (len(listed(alice)), len(listed(alice, "/later/?page=2"))) == (views.PAGE_SIZE, 4)


@pytest.mark.django_db(transaction=True)
def test_open_lists_of_ones_own_follow_and_nobody_elses(
    private: Chat, alice: User, bob: User, pushes: list[Event]
) -> None:
    fill_in(alice, f"/chats/{private.pk}/later/", when="hour")
    row, hers, his = Later.objects.get(), alice.later_list, bob.pk
    for address, fields in ((f"/later/{row.pk}/", {"when": "monday"}), (f"/later/{row.pk}/deletion/", {})):
        pushes.clear()
        fill_in(alice, address, **fields)
        assert_pushed(pushes, hers, "[data-stale]")
        assert_not_pushed(pushes, f"laterlist.{his}")
    assert of_themselves([alice.pk, bob.pk], [bob.pk]) == {(bob.pk, bob.pk)}
    region = soup(signed_in(alice).get("/later/")).select_one("[data-live]")
    assert region
    assert (region["data-live"], region["data-seq"]) == (f"laterlist.{alice.pk}", "3")


# /remind


def remind(user: User, chat: Chat, rest: str, **more: Any) -> Any:
    return signed_in(user).post(f"/chats/{chat.pk}/messages/", {"body": f"/remind {rest}"}, **more)


NOW = datetime(2027, 3, 26, 14, 0, tzinfo=BERLIN)
"""A Friday, two days before the clocks change."""


@pytest.mark.parametrize(
    ("rest", "at", "every", "what"),
    [
        ("in 20 minutes tea", "2027-03-26 14:20", "", "tea"),
        ("me in 20min to make tea", "2027-03-26 14:20", "", "make tea"),
        ("in an hour tea", "2027-03-26 15:00", "", "tea"),
        ("in 2 days tea", "2027-03-28 14:00", "", "tea"),
        ("in 1 week tea", "2027-04-02 14:00", "", "tea"),
        ("tomorrow at 9:00 tea", "2027-03-27 09:00", "", "tea"),
        ("tomorrow tea at noon", "2027-03-27 09:00", "", "tea at noon"),
        ("Tomorrow at 9 tea", "2027-03-27 09:00", "", "tea"),
        ("today at 17:30 tea\nand cake", "2027-03-26 17:30", "", "tea\nand cake"),
        ("on friday at 17:00 tea", "2027-03-26 17:00", "", "tea"),
        ("friday at 9:00 tea", "2027-04-02 09:00", "", "tea"),
        ("monday tea", "2027-03-29 09:00", "", "tea"),
        ("2027-12-24 at 18:00 tea", "2027-12-24 18:00", "", "tea"),
        ("every day at 9:00 tea", "2027-03-27 09:00", "day", "tea"),
        ("every day at 15:00 tea", "2027-03-26 15:00", "day", "tea"),
        ("every weekday at 9:00 tea", "2027-03-29 09:00", "weekday", "tea"),
        ("every monday at 10:15 tea", "2027-03-29 10:15", "week", "tea"),
        ("every month at 9:00 tea", "2027-04-26 09:00", "month", "tea"),
    ],
)
def test_what_remind_understands(rest: str, at: str, every: str, what: str) -> None:
    with timezone.override(BERLIN):
        wish = typed.read(rest, NOW)
    assert wish.first_at == datetime.fromisoformat(at).replace(tzinfo=BERLIN).astimezone(UTC)
    assert (wish.every, wish.what) == (every, what)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "tea",
        "in tea",
        "in 20 minutes",
        "in 20 minutes ",
        "in 20 parsecs tea",
        "tomorrow",
        "today tea",
        "tomorrow at 25:00 tea",
        "tomorrow at 9:60 tea",
        "2027-02-30 at 9:00 tea",
        "every fortnight tea",
        "in \u0665 minutes tea",
        "in 99999 minutes tea",
    ],
)
def test_a_wrong_form_keeps_the_text_and_says_what_is_understood(private: Chat, alice: User, rest: str) -> None:
    for answer in (remind(alice, private, rest), remind(alice, private, rest, headers=HTMX)):
        assert answer.status_code == 422
        (reason,) = soup(answer).select(".composer-error[role=alert]:not([hidden])")
        assert reason.text == typed.HOW
        box = soup(answer).select_one("textarea[name=body]")
        assert box
        assert box.text.strip("\n") == f"/remind {rest}"
    assert not Later.objects.exists()


def test_a_time_that_cannot_be_is_said(private: Chat, alice: User) -> None:
    for rest, reason in (
        ("2020-01-01 tea", "That time has passed."),
        ("in 60 weeks tea", "That is too far ahead: at most a year."),
    ):
        answer = remind(alice, private, rest)
        assert [each.text for each in soup(answer).select(".composer-error:not([hidden])")] == [reason]


def test_a_reminder_by_command_is_for_whoever_writes_it_alone(private: Chat, alice: User, bob: User) -> None:
    Draft.objects.keep(alice, private, "/remind tomorrow at 9:30 tea")
    answer = remind(alice, private, "tomorrow at 9:30 tea", headers=HTMX)
    assert answer.status_code == 200
    note = soup(answer).select_one(".composer-reasons .flash[role=status]")
    assert note
    assert re.search(r"You will be reminded on \w+, .*, 09:30\.", note.text)
    assert not private.messages.exists()
    assert not Draft.objects.exists()
    row = Later.objects.get()
    at = row.first_at.astimezone(BERLIN)
    assert (row.user, row.body, at.hour, at.minute, row.zone) == (alice, "tea", 9, 30, "Europe/Berlin")
    assert listed(bob) == []


def test_without_scripts_the_page_says_that_it_is_kept(private: Chat, alice: User) -> None:
    client, form = signed_in(alice), {"body": "/remind in 5 minutes tea", "client_id": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(f"/chats/{private.pk}/messages/", form).status_code == 303
    assert "You will be reminded" in client.get(f"/chats/{private.pk}/").content.decode()
    assert Later.objects.count() == 1


def test_a_preview_and_a_program_keep_no_reminder(private: Chat, alice: User, carol: User) -> None:
    preview = signed_in(alice).post(f"/chats/{private.pk}/preview/", {"body": "/remind in 1 hour tea"})
    assert preview.status_code == 200
    assert problem(Program(alice).post(f"chats/{private.pk}/messages", text="/remind in 1 hour tea"), 422)
    assert remind(carol, private, "in 1 hour tea").status_code == 404
    assert not Later.objects.exists()
    assert not private.messages.exists()
