"""M8: what is announced in somebody's name is changed and stopped only by who may announce to the same people."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat
from notifications.models import Announcement
from tests.conftest import signed_in
from tests.notifications.announcements.test_announcements import as_shown, change_address, site_time, soup, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(alice: User, bob: User, carol: User, private: Chat) -> Announcement:
    """What alice will announce to the private room. Bob of the staff is in it, carol of the staff is not."""
    for user in (alice, bob, carol):
        user.is_staff = True
        user.save()
    return write(signed_in(alice), audience=f"chat.{private.pk}", first_at=site_time(days=1))


def stop_address(announcement: Announcement) -> str:
    return f"/announcements/{announcement.pk}/stopping/"


@pytest.mark.parametrize("fields", [{"title": "x"}, {"body": "x"}, {"audience": "all"}, {"first_at": ""}, {}])
@pytest.mark.parametrize("verb", ["save", "preview"])
def test_who_may_not_announce_to_them_changes_nothing(
    planned: Announcement, alice: User, carol: User, fields: dict[str, str], verb: str
) -> None:
    address = change_address(planned)
    shown = as_shown(signed_in(alice).get(address))
    answer = signed_in(carol).post(address, shown | fields | {verb: "1"})
    assert answer.status_code == 422
    assert "You may not change this" in soup(answer).text
    assert as_shown(answer)["title"] == fields.get("title", "Fire drill"), "what was written is not lost"
    before, planned = planned, Announcement.objects.get()
    assert (planned.edition, planned.html, planned.changed_by) == (before.edition, before.html, None)


def test_who_may_not_announce_to_them_is_offered_no_change_and_stops_nothing(
    planned: Announcement, carol: User
) -> None:
    staff = signed_in(carol)
    page = soup(staff.get(planned.get_absolute_url()))
    assert not page.select('form[action*=stopping], a[href$="/change/"]')
    assert staff.get(change_address(planned)).status_code == 403
    assert staff.post(stop_address(planned)).status_code == 403
    planned.refresh_from_db()
    assert (planned.cancelled_at, planned.changed_by) == (None, None)


@pytest.mark.parametrize("loss", ["is_staff", "is_active", "room"])
def test_who_may_no_more_is_refused(planned: Announcement, private: Chat, alice: User, bob: User, loss: str) -> None:
    browser = signed_in(bob)
    shown = as_shown(browser.get(change_address(planned)))
    if loss == "room":
        private.ban(bob, alice)
    else:
        setattr(bob, loss, False)
        bob.save()
    answers: list[Any] = [browser.post(change_address(planned), shown), browser.post(stop_address(planned))]
    # Whoever is signed out is shown what they had written, and the way to sign in.
    expected = {"is_staff": [404, 404], "is_active": [403, 302], "room": [422, 403]}
    assert [answer.status_code for answer in answers] == expected[loss]
    planned.refresh_from_db()
    assert (planned.cancelled_at, planned.changed_by) == (None, None)


@pytest.mark.parametrize("deed", ["change", "stop"])
def test_the_page_and_the_administration_say_who_changed_it_last(planned: Announcement, bob: User, deed: str) -> None:
    bob.is_superuser = True
    bob.save()
    browser = signed_in(bob)
    assert "last changed by" not in soup(browser.get(planned.get_absolute_url())).text
    if deed == "change":
        shown = as_shown(browser.get(change_address(planned)))
        assert browser.post(change_address(planned), shown | {"title": "Flood drill"}).status_code == 303
    else:
        assert browser.post(stop_address(planned)).status_code == 303
    page = soup(browser.get(planned.get_absolute_url()))
    assert "Alice @alice · last changed by Bob @bob" in " ".join(page.select_one(".announcement .help").text.split())
    assert "bob" in soup(browser.get("/admin/notifications/announcement/")).select_one(".field-changed_by").text
    one = soup(browser.get(f"/admin/notifications/announcement/{planned.pk}/change/"))
    assert "bob" in one.select_one(".field-changed_by").text


def test_its_author_stops_it_even_when_they_have_left(planned: Announcement, private: Chat, alice: User) -> None:
    private.release(alice)
    assert signed_in(alice).post(stop_address(planned)).status_code == 303
    planned.refresh_from_db()
    assert planned.cancelled_at
    assert planned.changed_by == alice


@pytest.mark.parametrize("fields", [{}, {"title": "x"}])
def test_a_room_that_was_deleted_lets_nobody_else_choose_another_audience(
    planned: Announcement, private: Chat, bob: User, alice: User, fields: dict[str, str]
) -> None:
    shown = as_shown(signed_in(bob).get(change_address(planned)))
    private.delete()
    answer = signed_in(bob).post(change_address(planned), shown | fields | {"audience": "all"})
    assert answer.status_code == 422
    assert signed_in(alice).post(change_address(planned), shown | {"audience": "all"}).status_code == 303
