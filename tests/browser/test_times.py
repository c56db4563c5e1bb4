"""Times: everybody's own, as their browser says or as they have chosen, also after midnight."""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import enter_room, fresh_name, make_private_room, message, open_chat, post
from tests.browser.test_notification_centre import open_list, row

People = Callable[..., Page]


def moment(time: Locator) -> datetime:
    return datetime.fromisoformat(str(time.get_attribute("datetime")))


def clock(at: datetime, zone: str) -> re.Pattern[str]:
    """Return what an English page says of a time of day in a zone."""
    local = at.astimezone(ZoneInfo(zone))
    return re.compile(rf"^{local.hour % 12 or 12}:{local:%M}\s{local:%p}$")


def sign_up(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("User name").or_(page.get_by_label("Username")).fill(fresh_name("dana").lower().replace(" ", "-"))
    for field in page.locator("input[type=password]").all():
        field.fill("a-good-long-one")
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator(".sidebar")).to_be_visible()


def test_a_browser_says_its_zone_once_and_pages_without_scripts_go_by_it(person: People) -> None:
    bob = person("bob", timezone_id="Asia/Kathmandu")
    with bob.expect_response("**/accounts/time-zone/") as answer:
        bob.goto("/")
    assert answer.value.status == 204
    said: list[str] = []
    bob.on("request", lambda request: said.append(request.url) if "time-zone" in request.url else None)
    chat = enter_room(bob, fresh_name("Clock"))
    post(bob, "What time is it?")
    expect(message(bob, "What time is it?").locator("time")).to_have_attribute("title", re.compile("at"))
    plain = person("bob", java_script_enabled=False)
    plain.goto(chat)
    time = message(plain, "What time is it?").locator("time")
    local = moment(time).astimezone(ZoneInfo("Asia/Kathmandu"))
    expect(time).to_have_text(f"{local.day} {local:%b %Y, %H:%M} +0545")
    assert [url for url in said if "/accounts/" in url] == []


def test_a_chosen_zone_is_that_of_all_times_whatever_the_browser_says(person: People) -> None:
    dana = person(timezone_id="Asia/Tokyo")
    sign_up(dana)
    enter_room(dana, fresh_name("Clock"))
    post(dana, "What time is it?")
    time = message(dana, "What time is it?").locator("time")
    expect(time).to_have_text(clock(moment(time), "Asia/Tokyo"))
    chat = dana.url
    dana.goto("/accounts/profile/")
    dana.get_by_label("Time zone").fill("Pacific/Kiritimati")
    dana.get_by_role("button", name="Save", exact=True).click()
    expect(dana.get_by_text("Saved.")).to_be_visible()
    dana.goto(chat)
    expect(time).to_have_text(clock(moment(time), "Pacific/Kiritimati"))
    day = moment(time).astimezone(ZoneInfo("Pacific/Kiritimati"))
    expect(time).to_have_attribute("title", re.compile(f"{day:%A}.* {day.day}"))
    expect(dana.locator("#messages [data-day]")).to_have_attribute("data-day", "Today")


def test_tomorrow_morning_is_nine_where_one_is(person: People) -> None:
    alice, bob = person("alice"), person("bob", timezone_id="America/New_York")
    open_chat(alice, make_private_room(alice, fresh_name("Early"), "bob"))
    with bob.expect_response("**/accounts/time-zone/"):
        open_list(bob)
    text = fresh_name("wake up")
    post(alice, f"@bob {text}")
    expect(row(bob, text)).to_be_visible()
    row(bob, text).get_by_title("Snooze").click()
    row(bob, text).get_by_role("button", name="Tomorrow, 9:00").click()
    expect(row(bob, text)).to_be_hidden()
    open_list(bob, "snoozed")
    expect(row(bob, text)).to_contain_text(re.compile(r"back .*9:00\sAM"))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"])
def test_after_midnight_what_came_today_has_its_date(person: People, zone: str) -> None:
    alice, bob = person("alice"), person("bob", timezone_id=zone)
    open_chat(alice, make_private_room(alice, fresh_name("Late"), "bob"))
    text = fresh_name("good night")
    post(alice, f"@bob {text}")
    today = datetime.now(ZoneInfo(zone))
    bob.clock.install(time=today.replace(hour=23, minute=59, second=30, microsecond=0))
    open_list(bob)
    time = row(bob, text).locator("time")
    expect(time).to_have_text(clock(moment(time), zone))
    bob.clock.fast_forward("01:00")
    expect(time).to_contain_text(f"{today:%b} {today.day}, ")
