"""The pages of announcements: what staff write, what everybody reads, who has acknowledged."""

import csv
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from messaging.models import Chat
from notifications.announcements import audiences, sending
from notifications.models import Announcement, Delivery, Notification
from notifications.testing import assert_pushed, captured_pushes
from tests.conftest import signed_in
from tests.notifications.prose.shown import HARD, letters, shown

pytestmark = pytest.mark.django_db

NEW = "/announcements/new/"


@pytest.fixture
def staff(alice: User) -> Client:
    """A browser of alice, who is staff here."""
    alice.is_staff = True
    alice.save()
    return signed_in(alice)


@pytest.fixture
def sent(staff: Client, private: Chat) -> Announcement:
    """What alice has announced to her private room, and what must be acknowledged."""
    announcement = write(staff, audience=f"chat.{private.pk}", must_acknowledge="on")
    send(announcement)
    return announcement


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def post(client: Client, address: str = NEW, **fields: Any) -> HttpResponse:
    form = {"audience": "all", "title": "Fire drill", "body": "At **ten**.", "client_id": uuid.uuid4()}
    response: Any = client.post(address, {**form, **fields})
    return response


def write(client: Client, **fields: Any) -> Announcement:
    assert post(client, **fields).status_code == 303
    return Announcement.objects.latest("pk")


def change_address(announcement: Announcement) -> str:
    return f"/announcements/{announcement.pk}/change/"


def as_shown(response: Any) -> dict[str, str]:
    """Return what a browser sends of a form that nobody has touched: where no option is selected, the first."""
    form = soup(response).select_one("form:has([name=title])")
    inputs = form.select("input:not([type=checkbox]), input[checked]")
    fields = {str(each["name"]): str(each.get("value", "on" if each.has_attr("checked") else "")) for each in inputs}
    fields |= {str(each["name"]): each.text.removeprefix("\n") for each in form.select("textarea")}
    selects = {str(each["name"]): each.select_one("option[selected]") or each.option for each in form.select("select")}
    return fields | {name: str(option["value"]) for name, option in selects.items()}


def change(client: Client, announcement: Announcement, **fields: Any) -> HttpResponse:
    """Open the form and send it with these fields changed."""
    address = change_address(announcement)
    response: Any = client.post(address, as_shown(client.get(address)) | fields)
    return response


def send(announcement: Announcement) -> Delivery:
    sending.begin_due()
    delivery = announcement.deliveries.latest("pk")
    while sending.send_chunk(delivery.pk):
        pass
    return delivery


def site_time(**ahead: float) -> str:
    return f"{timezone.localtime() + timedelta(**ahead):%Y-%m-%dT%H:%M}"


def test_staff_announce_and_see_how_it_reads(staff: Client) -> None:
    response = post(staff)
    announcement = Announcement.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/announcements/{announcement.pk}/")
    page = soup(staff.get(response["Location"]))
    assert page.h1.text == "Fire drill"
    assert page.select_one(".prose strong").text == "ten"
    assert "Everybody" in page.text
    assert Announcement.objects.due(timezone.now()).get() == announcement


def test_the_preview_sends_nothing_and_keeps_the_form(staff: Client) -> None:
    response = post(staff, preview="1", body="At **ten**, <b>sharp</b>.")
    page = soup(response)
    assert response.status_code == 200
    assert page.select_one(".quoted strong").text == "ten"
    assert not page.select_one(".quoted b")
    assert page.textarea.text.strip() == "At **ten**, <b>sharp</b>."
    assert not Announcement.objects.exists()


def test_the_same_form_twice_is_one_announcement(staff: Client) -> None:
    client_id = uuid.uuid4()
    answers = [post(staff, client_id=client_id) for _ in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, answers[0]["Location"])}
    assert Announcement.objects.count() == 1
    assert soup(staff.get(NEW)).select_one("[name=client_id]")["value"] != str(client_id)


def test_a_form_that_says_something_else_by_then_is_refused_and_loses_nothing(staff: Client) -> None:
    client_id = str(uuid.uuid4())
    post(staff, client_id=client_id)
    refused = post(staff, client_id=client_id, body="At eleven.")
    page = soup(refused)
    assert refused.status_code == 422
    assert "has made another announcement" in page.text
    assert page.select_one("[name=body]").text.strip() == "At eleven."
    fresh = page.select_one("[name=client_id]")["value"]
    assert post(staff, client_id=fresh, body="At eleven.").status_code == 303
    assert Announcement.objects.count() == 2


def test_nothing_of_what_was_typed_is_lost(staff: Client, bob: User) -> None:
    announcement = write(staff, body=HARD)
    send(announcement)
    for reader in (staff, signed_in(bob)):
        (body,) = soup(reader.get(announcement.get_absolute_url())).select(".prose")
        assert shown(str(body)) == letters(HARD)


def test_a_text_of_nothing_that_could_be_seen_is_refused(staff: Client) -> None:
    refused = post(staff, body="\u200b")
    assert (refused.status_code, Announcement.objects.count()) == (422, 0)
    assert "Write something first." in soup(refused).text


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"every": "day"}),
        ({}, {"must_acknowledge": "on"}),
        ({"must_acknowledge": "on", "remind_hours": "4"}, {"remind_hours": "8"}),
        ({}, {"first_at": site_time(days=1)}),
        ({"first_at": site_time(days=1)}, {"first_at": site_time(days=2)}),
        ({"first_at": site_time(days=1)}, {"first_at": ""}),
    ],
)
def test_a_form_that_says_by_then_when_or_how_otherwise_is_refused_too(
    staff: Client, first: dict[str, str], then: dict[str, str]
) -> None:
    client_id = str(uuid.uuid4())
    answers = [post(staff, client_id=client_id, **first) for _ in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(303, answers[0]["Location"])}
    refused = post(staff, client_id=client_id, **first | then)
    assert refused.status_code == 422
    assert "has made another announcement" in soup(refused).text
    assert Announcement.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"title": " "}, "It needs a title."),
        ({"title": "x" * 121}, "at most 120 characters"),
        ({"title": "nul \0"}, "Null characters"),
        ({"body": "x" * 10_001}, "too long"),
        ({"audience": "planet.1"}, "Select a valid choice"),
        ({"audience": ""}, "This field is required"),
        ({"first_at": "tomorrow"}, "Enter a valid date/time"),
        ({"first_at": site_time(minutes=-3)}, "That time has passed"),
        ({"first_at": "9999-12-31T23:59"}, "at most five years"),
        ({"every": "hour"}, "Select a valid choice"),
        ({"remind_hours": "4"}, "Only what must be acknowledged"),
        ({"must_acknowledge": "on", "remind_hours": "0"}, "greater than or equal to 1"),
        ({"must_acknowledge": "on", "remind_hours": "9" * 30}, "less than or equal to"),
        ({"client_id": "twice"}, "Enter a valid UUID"),
    ],
)
def test_a_bad_form_says_why_and_keeps_its_text(staff: Client, fields: dict[str, str], complaint: str) -> None:
    response = post(staff, **fields)
    page = soup(response)
    assert response.status_code == 422
    assert complaint in " ".join(error.text for error in page.select(".errorlist"))
    assert fields.get("body", "At **ten**.") in page.textarea.text
    assert not Announcement.objects.exists()


def test_a_room_without_people_is_no_audience(staff: Client, room: Chat) -> None:
    room.memberships.all().delete()
    response = post(staff, audience=f"chat.{room.pk}")
    assert response.status_code == 422
    assert "Nobody is in there." in soup(response).text


def test_staff_choose_among_open_rooms_and_their_own(staff: Client, carol: User, private: Chat, room: Chat) -> None:
    hidden = Chat.objects.start(carol, "Hidden", Chat.Kind.PRIVATE)
    Chat.objects.direct([carol, private.memberships.first().user])
    choices = {option["value"] for option in soup(staff.get(NEW)).select("[name=audience] option")}
    assert choices == {"all", f"chat.{private.pk}", f"chat.{room.pk}"}
    assert post(staff, audience=f"chat.{hidden.pk}").status_code == 422


def test_what_is_not_sent_yet_can_be_changed_and_cancelled(staff: Client, bob: User) -> None:
    announcement = write(staff, first_at=site_time(days=1))
    address = f"/announcements/{announcement.pk}/change/"
    assert soup(staff.get(address)).select_one("[name=title]")["value"] == "Fire drill"
    assert post(staff, address, title=" ").status_code == 422
    changed = change(staff, announcement, title="Flood drill", first_at=site_time(days=2), body="*wet*")
    assert changed.status_code == 303
    announcement.refresh_from_db()
    assert (announcement.title, announcement.html) == ("Flood drill", "<p><em>wet</em></p>\n")
    assert not Announcement.objects.due(timezone.now() + timedelta(days=1)).exists()
    assert staff.post(f"/announcements/{announcement.pk}/stopping/").status_code == 303
    announcement.refresh_from_db()
    assert (announcement.next_at, announcement.cancelled_at is None) == (None, False)
    assert "Stopped" in soup(staff.get(f"/announcements/{announcement.pk}/")).text


def test_a_colleague_in_the_room_changes_what_another_has_written(staff: Client, bob: User, private: Chat) -> None:
    bob.is_staff = True
    bob.save()
    announcement = write(staff, audience=f"chat.{private.pk}", first_at=site_time(days=1))
    page = soup(signed_in(bob).get(change_address(announcement)))
    assert [option.text for option in page.select("[name=audience] [selected]")] == ["Launch"]
    assert change(signed_in(bob), announcement, title="Flood drill").status_code == 303
    announcement.refresh_from_db()
    assert (announcement.title, announcement.audience) == ("Flood drill", f"chat.{private.pk}")
    assert (announcement.author.username, announcement.changed_by) == ("alice", bob)


def test_a_room_that_its_author_has_left_stays_chosen_and_is_refused(staff: Client, alice: User, private: Chat) -> None:
    announcement = write(staff, audience=f"chat.{private.pk}", first_at=site_time(days=1))
    private.release(alice)
    response = change(staff, announcement, title="Flood drill")
    assert response.status_code == 422
    assert "alice may not announce to that." in soup(response).text
    private.delete()
    for page in (response, staff.get(change_address(announcement)), change(staff, announcement)):
        assert as_shown(page)["audience"] == announcement.audience
    gone = soup(staff.get(change_address(announcement))).select_one("[name=audience] [selected]")
    assert gone.text == "Nobody any more"


def test_a_room_that_is_no_choice_any_more_is_not_replaced_by_everybody(
    staff: Client, alice: User, private: Chat
) -> None:
    private.release(alice)
    response = post(staff, audience=f"chat.{private.pk}")
    assert response.status_code == 422
    assert as_shown(response)["audience"] == ""


def test_a_change_shows_on_the_pages_that_staff_have_open(staff: Client, alice: User, bob: User) -> None:
    announcement = write(staff, first_at=site_time(days=1))
    with captured_pushes() as pushes:
        assert change(staff, announcement, title=" ").status_code == 422
    assert not pushes
    with captured_pushes() as pushes:
        assert change(staff, announcement, first_at=site_time(days=2)).status_code == 303
    assert_pushed(pushes, announcement, "[data-stale]")
    assert {event["group"] for event in pushes} == {announcement.subject}
    assert audiences.staff([alice.pk, bob.pk], [announcement.pk]) == {(alice.pk, announcement.pk)}


def test_of_two_who_change_it_at_the_same_time_the_later_one_is_refused(staff: Client, bob: User, room: Chat) -> None:
    bob.is_staff = True
    bob.save()
    announcement = write(staff, first_at=site_time(days=1))
    address, other = change_address(announcement), signed_in(bob)
    open_page = as_shown(other.get(address))
    assert change(staff, announcement, audience=f"chat.{room.pk}").status_code == 303
    open_page = as_shown(other.post(address, {**open_page, "preview": "1"}))
    refused = other.post(address, {**open_page, "title": "Flood drill"})
    assert refused.status_code == 422
    assert "changed meanwhile" in soup(refused).text
    assert as_shown(refused)["title"] == "Flood drill", "what was written is not lost"
    announcement.refresh_from_db()
    assert (announcement.title, announcement.audience) == ("Fire drill", f"chat.{room.pk}")
    assert change(other, announcement, title="Flood drill").status_code == 303


def test_the_same_change_twice_is_one_change(staff: Client) -> None:
    announcement = write(staff, first_at=site_time(days=1))
    address = change_address(announcement)
    fields = as_shown(staff.get(address)) | {"title": "Flood drill", "first_at": site_time(days=2)}
    assert [staff.post(address, fields).status_code for _ in range(2)] == [303, 303]


def test_what_was_sent_meanwhile_stays_as_it_was_sent(staff: Client) -> None:
    announcement = write(staff, every="day")
    open_page = as_shown(staff.get(change_address(announcement)))
    send(announcement)
    response = staff.post(change_address(announcement), {**open_page, "title": "Flood drill", "first_at": ""})
    assert response.status_code == 422
    assert "It has been sent, stopped or changed meanwhile" in soup(response).text
    announcement.refresh_from_db()
    assert announcement.title == "Fire drill"
    page = soup(staff.get(f"/announcements/{announcement.pk}/change/", follow=True))
    assert page.h1.text == "Fire drill", "no form that could only fail"
    assert "cannot be changed any more" in page.text
    assert "Stop it" in page.text
    assert not page.find("a", string="Change")


def test_a_change_in_the_moment_of_sending_is_refused(staff: Client, alice: User) -> None:
    announcement = write(staff, first_at=site_time(days=1), every="day")
    as_read = Announcement.objects.get()
    Announcement.objects.update(next_at=timezone.now() + timedelta(days=2))
    assert not as_read.change(as_read.edition, alice, title="Too late", body="", first_at=timezone.now())
    announcement.refresh_from_db()
    assert announcement.title == "Fire drill"


def test_recipients_read_it_and_acknowledge_once(bob: User, sent: Announcement) -> None:
    client, address = signed_in(bob), f"/announcements/{sent.pk}/"
    assert Notification.objects.unread().filter(inbox=bob.pk).exists()
    page = soup(client.get(address))
    assert page.h1.text == "Fire drill"
    assert "Sending" not in page.text, "that is for staff"
    assert not Notification.objects.unread().filter(inbox=bob.pk).exists()
    form = page.select_one(".announcement-acknowledgement")
    for _ in range(2):
        response = client.post(str(form["action"]))
        assert (response.status_code, response["Location"]) == (303, address)
        acknowledged_at = bob.receipts.get().acknowledged_at
        assert acknowledged_at
    page = soup(client.get(address))
    assert "You have acknowledged this" in page.text
    assert not page.select_one(".announcement-acknowledgement")
    assert bob.receipts.get().acknowledged_at == acknowledged_at


def test_a_recurring_one_is_acknowledged_anew_each_time(staff: Client, alice: User) -> None:
    announcement = write(staff, must_acknowledge="on", every="day")
    send(announcement)
    staff.post(f"/announcements/{announcement.pk}/acknowledgement/")
    Announcement.objects.update(first_at=timezone.now() - timedelta(days=1), next_at=timezone.now())
    send(announcement)
    assert soup(staff.get(f"/announcements/{announcement.pk}/")).select_one(".announcement-acknowledgement")
    staff.post(f"/announcements/{announcement.pk}/acknowledgement/")
    assert alice.receipts.exclude(acknowledged_at=None).count() == 2


def test_outsiders_and_members_who_are_not_staff_get_404(bob: User, carol: User, sent: Announcement) -> None:
    delivery = sent.deliveries.get()
    read = [f"/announcements/{sent.pk}/"]
    manage = [
        "/announcements/",
        NEW,
        f"/announcements/{sent.pk}/change/",
        f"/announcements/rolls/{delivery.pk}/",
        f"/announcements/rolls/{delivery.pk}/roll.csv",
    ]
    posts = [NEW, f"/announcements/{sent.pk}/change/", f"/announcements/{sent.pk}/stopping/"]
    for user, addresses in ((carol, read + manage), (bob, manage)):
        client = signed_in(user)
        assert [client.get(address).status_code for address in addresses] == [404] * len(addresses)
        assert [post(client, address).status_code for address in posts] == [404] * len(posts)
    assert signed_in(carol).post(f"/announcements/{sent.pk}/acknowledgement/").status_code == 404
    assert Announcement.objects.get().cancelled_at is None
    assert Client().get(read[0]).status_code == 302


def test_unknown_numbers_are_not_found(staff: Client, sent: Announcement) -> None:
    for pk in ("0", "999", "9" * 30):
        for address in (f"{pk}/", f"{pk}/change/", f"rolls/{pk}/", f"rolls/{pk}/roll.csv"):
            assert staff.get(f"/announcements/{address}").status_code == 404
        for address in (f"{pk}/stopping/", f"{pk}/acknowledgement/"):
            assert staff.post(f"/announcements/{address}").status_code == 404


def test_a_change_needs_an_author_who_may_announce_there(
    staff: Client, alice: User, bob: User, private: Chat, room: Chat
) -> None:
    bob.is_staff = True
    bob.save()
    announcement = write(staff, audience=f"chat.{room.pk}", first_at=site_time(days=1))
    private.release(alice)
    response = post(signed_in(bob), f"/announcements/{announcement.pk}/change/", audience=f"chat.{private.pk}")
    assert response.status_code == 422
    assert "alice may not announce to that." in soup(response).text


def test_what_need_not_be_acknowledged_cannot_be(staff: Client, alice: User) -> None:
    announcement = write(staff)
    send(announcement)
    assert staff.post(f"/announcements/{announcement.pk}/acknowledgement/").status_code == 404
    assert not soup(staff.get(f"/announcements/{announcement.pk}/")).select_one(".announcement-acknowledgement")


def test_the_list_shows_what_comes_and_what_was_sent(staff: Client, sent: Announcement, bob: User) -> None:
    write(staff, title="Cake", first_at=site_time(days=1), every="week")
    signed_in(bob).post(f"/announcements/{sent.pk}/acknowledgement/")
    coming, past = soup(staff.get("/announcements/")).select("main section")
    assert [link.text for link in coming.select(".announcement-link")] == ["Cake"]
    assert "Every week" in coming.text
    assert [link.text for link in past.select(".announcement-link")] == ["Fire drill"]
    assert "1 of 2 acknowledged" in past.text
    assert "Launch" in past.text


def names(response: Any) -> list[str]:
    return [row.strong.text for row in soup(response).select("[id^=receipt-]")]


def test_the_roll_is_filtered_searched_and_in_pages(staff: Client, alice: User, bob: User) -> None:
    User.objects.bulk_create(User(username=f"user{number:03}") for number in range(150))
    announcement = write(staff, must_acknowledge="on")
    delivery = send(announcement)
    bob.receipts.acknowledge()
    roll = f"/announcements/rolls/{delivery.pk}/"
    first, second = names(staff.get(roll)), names(staff.get(f"{roll}?page=2"))
    assert (len(first), len(second)) == (100, 52)
    assert first[:3] == ["Alice", "Bob", "user000"]
    assert "1 of 152 acknowledged" in soup(staff.get(roll)).text
    assert "Bob" not in names(staff.get(f"{roll}?waiting=on"))
    assert names(staff.get(f"{roll}?q=BOB")) == ["Bob"]
    assert names(staff.get(f"{roll}?q=bob&waiting=on")) == []
    next_page = soup(staff.get(f"{roll}?q=user&waiting=on")).find("a", string="Next")
    assert len(names(staff.get(f"{roll}{next_page['href']}"))) == 50
    assert names(staff.get(f"{roll}?page=many")) == first
    assert staff.get(f"{roll}?q=%00").status_code == 400


def table(response: Any) -> list[list[str]]:
    """Read a download to its end, as the server sends it."""

    async def read() -> bytes:
        return b"".join([part async for part in response])

    content = async_to_sync(read)()
    assert content.startswith(b"\xef\xbb\xbf"), "by this spreadsheets know that it is UTF-8"
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


@pytest.mark.django_db(transaction=True)
def test_the_roll_as_a_table_is_harmless_and_whole(staff: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.announcements.rolls.CSV_CHUNK", 2)
    for number, name in enumerate(["=1+1", "+49", "-1", "@home", 'Zoë, "Z"']):
        User.objects.create_user(f"user{number}", first_name=name)
    announcement = write(staff)
    delivery = send(announcement)
    alice.receipts.update(acknowledged_at=timezone.now(), reminders=2)
    Delivery.objects.update(due_at=datetime(2027, 3, 28, 23, 30, tzinfo=UTC))
    response = staff.get(f"/announcements/rolls/{delivery.pk}/roll.csv")
    name = f"announcement-{announcement.pk}-2027-03-28.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    head, first, *rows = table(response)
    assert head == ["user", "name", "sent at", "acknowledged at", "reminders"]
    assert (first[0], first[4]) == ("alice", "2")
    assert first[3]
    assert [row[1] for row in rows] == ["'=1+1", "'+49", "'-1", "'@home", 'Zoë, "Z"']


def test_staff_find_their_way_by_the_menu_and_the_admin(
    staff: Client, alice: User, bob: User, sent: Announcement
) -> None:
    assert soup(staff.get("/")).select_one("#menu a[href='/announcements/']")
    assert not soup(signed_in(bob).get("/")).select_one("#menu a[href='/announcements/']")
    alice.is_superuser = True
    alice.save()
    for model, pk in (
        ("announcement", sent.pk),
        ("delivery", sent.deliveries.get().pk),
        ("receipt", bob.receipts.get().pk),
    ):
        assert staff.get(f"/admin/notifications/{model}/").status_code == 200
        assert staff.get(f"/admin/notifications/{model}/{pk}/change/").status_code == 200
        assert staff.get(f"/admin/notifications/{model}/add/").status_code == 403
    assert "bob" not in staff.get("/admin/notifications/receipt/?acknowledged_at__isempty=0").content.decode()
