"""Time zones of announcements: nine o'clock is nine o'clock where its author lives, in summer and in winter."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from messaging.models import TimeZone
from notifications.announcements import recurrence, zones
from notifications.announcements.forms import AnnouncementForm
from notifications.models import Announcement
from tests.conftest import signed_in
from tests.notifications.announcements.test_announcements import as_shown, change, change_address, post, soup, write

NEW = "/announcements/new/"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def staff(alice: User) -> Client:
    """A browser of alice, who is staff here and lives in New York."""
    return staff_in(alice, "America/New_York")


def staff_in(user: User, zone: str) -> Client:
    user.is_staff = True
    user.save()
    TimeZone.objects.create(user=user, said=zone)
    return signed_in(user)


def next_year(text: str) -> str:
    return f"{timezone.now().year + 1}-{text}"


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Asia/Calcutta", 5.5),
        ("Asia/Kolkata", 5.5),
        ("asia/saigon", 7),
        ("Europe/Kiev", 2),
        ("US/Pacific", -8),
        ("America/Buenos_Aires", -3),
        ("America/New York", -5),
        ("Etc/GMT+5", -5),
        ("+05:30", 5.5),
        ("-0330", -3.5),
        ("GMT+2", 2),
        ("UTC", 0),
    ],
)
def test_names_that_browsers_and_people_have_for_zones_are_known(name: str, hours: float) -> None:
    zone = zones.find(name)
    assert zone
    assert datetime(2026, 1, 15, tzinfo=zone).utcoffset() == timedelta(hours=hours)
    assert zones.find(str(zone)) == zone


@pytest.mark.parametrize(
    "name",
    ["", " ", "Mars/Olympus", "Etc/Unknown", "Europe", "zone.tab", "../UTC", "/etc/localtime", "+25:00", "+٥:٣٠"],
)
def test_what_is_no_zone_is_none(name: str) -> None:
    assert zones.find(name) is None


@pytest.mark.parametrize(
    ("zone", "first", "then"),
    [
        ("Europe/Berlin", "2027-03-27 08:00", "2027-03-28 07:00"),
        ("Europe/Berlin", "2026-10-24 07:00", "2026-10-25 08:00"),
        ("America/New_York", "2027-03-13 14:00", "2027-03-14 13:00"),
        ("Australia/Lord_Howe", "2026-10-02 22:30", "2026-10-03 22:00"),
        ("Asia/Kolkata", "2027-03-27 03:30", "2027-03-28 03:30"),
        # 2:30 does not come on the night on which the clock leaps, and comes again on the next.
        ("Europe/Berlin", "2027-03-27 01:30", "2027-03-28 01:30"),
        ("Europe/Berlin", "2027-03-28 01:30", "2027-03-29 01:30"),
        # And twice on the night on which it goes back: it is sent by the first of the two.
        ("Europe/Berlin", "2026-10-24 00:30", "2026-10-25 00:30"),
        # What was sent by the second of them is sent once.
        ("Europe/Berlin", "2026-10-25 01:30", "2026-10-26 01:30"),
    ],
)
def test_what_comes_every_day_comes_by_the_clock_of_its_zone(zone: str, first: str, then: str) -> None:
    assert recurrence.around(at(first), "day", at(first), ZoneInfo(zone)) == (at(first), at(then))


@pytest.mark.django_db
def test_the_form_says_whose_clock_it_means_and_takes_the_time_so(staff: Client) -> None:
    form = soup(staff.get(NEW))
    assert "a date and a time in America/New_York" in form.text
    announcement = write(
        staff, **as_shown(staff.get(NEW)) | {"title": "Stand-up", "first_at": next_year("01-15T09:00")}
    )
    assert announcement.first_at == at(next_year("01-15 14:00"))
    assert announcement.zone == "America/New_York"
    assert soup(staff.get(change_address(announcement))).select_one("[name=first_at]")["value"] == next_year(
        "01-15T09:00"
    )


@pytest.mark.django_db
def test_a_form_means_the_clock_that_it_has_named(alice: User, staff: Client) -> None:
    shown = as_shown(staff.get(NEW))
    TimeZone.objects.filter(user=alice).update(chosen="Asia/Tokyo")
    announcement = write(staff, **shown | {"title": "Stand-up", "first_at": next_year("01-15T09:00")})
    assert announcement.first_at == at(next_year("01-15 14:00")), "nine in New York, as it said"


@pytest.mark.django_db
def test_a_colleague_elsewhere_changes_a_text_and_no_time(staff: Client, bob: User) -> None:
    announcement = write(staff, first_at=next_year("01-15T09:00"), every="week")
    tokyo = staff_in(bob, "Asia/Tokyo")
    assert "a time in America/New_York" in soup(tokyo.get(change_address(announcement))).text
    assert change(tokyo, announcement, title="Stand-up at nine").status_code == 303
    changed = Announcement.objects.get()
    assert (changed.title, changed.first_at, changed.zone) == (
        "Stand-up at nine",
        announcement.first_at,
        "America/New_York",
    )
    assert "every week by the clock of America/New_York" in soup(tokyo.get(changed.get_absolute_url())).text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "time"),
    [
        ("Europe/Berlin", "2027-03-28T02:30"),
        ("Europe/Berlin", "2027-10-31T02:30"),
        ("Australia/Lord_Howe", "2027-10-03T02:15"),
    ],
)
def test_a_time_that_the_clock_skips_or_shows_twice_is_refused_with_the_text_kept(
    alice: User, zone: str, time: str
) -> None:
    page = post(staff_in(alice, zone), first_at=time)
    assert page.status_code == 422
    assert f"couldn’t be interpreted in time zone {zone}" in soup(page).text
    assert soup(page).select_one("[name=first_at]")["value"] == time
    assert "At **ten**." in soup(page).textarea.text


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Mars/Olympus", "<b>", "x" * 5000, "../etc"])
def test_a_form_with_a_zone_of_its_own_making_is_refused(staff: Client, zone: str) -> None:
    page = post(staff, zone=zone, first_at=next_year("01-15T09:00"))
    assert page.status_code == 422
    assert "There is no such time zone." in soup(page).text
    assert not soup(page).select_one("form b")
    assert not Announcement.objects.exists()


@pytest.mark.django_db
def test_what_was_announced_before_zones_were_kept_comes_by_the_sites_clock(alice: User, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    old = Announcement(author=alice, first_at=at("2027-03-27 08:00"), every="day")
    assert str(old.tzinfo) == "Europe/Berlin"


@pytest.mark.django_db
def test_from_a_shell_times_are_by_the_sites_clock(alice: User, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    alice.is_staff = True
    form = AnnouncementForm(alice, {"audience": "all", "title": "x", "first_at": next_year("01-15 09:00")})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["first_at"] == at(next_year("01-15 08:00"))
    assert form.cleaned_data["zone"] == "Europe/Berlin"
