"""Announcements that come again: whether their author still may, and who is still there to be reminded."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from messaging.models import Chat
from notifications.announcements import reminding, sending
from notifications.announcements.reminding import remind
from notifications.models import Announcement, Delivery, Notification
from tests.conftest import signed_in
from tests.notifications.announcements.test_sending import announce, begun, hours_pass, lines, send_all

pytestmark = pytest.mark.django_db

Loss = Callable[[User, Chat], object]


@pytest.fixture(autouse=True)
def staff(alice: User) -> None:
    """Alice, who announces, is staff."""
    alice.is_staff = True
    alice.save()


def leaves(user: User, chat: Chat) -> None:
    chat.release(user)


def is_no_staff_any_more(user: User, chat: Chat) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=False)


def is_deactivated(user: User, chat: Chat) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def next_day() -> None:
    """Let a day pass for what is announced every day."""
    day = timedelta(days=1)
    Announcement.objects.update(first_at=F("first_at") - day, next_at=F("next_at") - day)
    # One after the other: no two of an announcement may be due at the same time, not even for a moment.
    for delivery in Delivery.objects.order_by("due_at"):
        Delivery.objects.filter(pk=delivery.pk).update(due_at=F("due_at") - day)
    sending.begin_due()
    for delivery in Delivery.objects.open():
        send_all(delivery)


@pytest.mark.parametrize("loss", [leaves, is_no_staff_any_more, is_deactivated])
def test_a_series_ends_when_its_author_may_not_announce_any_more(
    alice: User, bob: User, private: Chat, loss: Loss
) -> None:
    announcement = announce(alice, f"chat.{private.pk}", every="day", must_acknowledge=True, remind_hours=4)
    send_all(begun(announcement))
    loss(alice, private)
    for _ in range(2):
        next_day()
    assert announcement.deliveries.count() == 1
    announcement.refresh_from_db()
    assert announcement.barred_at
    hours_pass(4)
    remind()
    assert lines(bob) == ["Reminder: please acknowledge Fire drill"], "of what was sent rightly"
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    page = signed_in(bob).get(announcement.get_absolute_url()).content.decode()
    assert "its author may not announce to them any more" in page


def test_a_series_goes_on_while_its_author_may_announce(alice: User, bob: User, private: Chat, room: Chat) -> None:
    private_series, open_series = (announce(alice, f"chat.{chat.pk}", every="day") for chat in (private, room))
    for announcement in (private_series, open_series):
        send_all(begun(announcement))
    room.release(alice)
    for _ in range(2):
        next_day()
    assert private_series.deliveries.count() == 3
    assert open_series.deliveries.count() == 3, "who is staff may announce in any open room"
    assert not Announcement.objects.exclude(barred_at=None).exists()


@pytest.mark.parametrize(
    ("loss", "address"), [(leaves, "/announcements/{pk}/"), (is_no_staff_any_more, ""), (is_deactivated, None)]
)
def test_an_author_who_is_still_here_is_told_that_it_ends(
    alice: User, bob: User, private: Chat, loss: Loss, address: str | None
) -> None:
    announcement = announce(alice, f"chat.{private.pk}")
    loss(alice, private)
    for _ in range(2):
        sending.begin_due()
    told = Notification.objects.filter(kind="announcement")
    expected = [] if address is None else [(alice.pk, address.format(pk=announcement.pk))]
    assert list(told.values_list("inbox", "url")) == expected
    assert all("is not sent any more" in notification.text for notification in told)


def test_who_has_left_is_not_reminded(alice: User, bob: User, carol: User, private: Chat) -> None:
    night_shift = Group.objects.create(name="Night shift")
    night_shift.user_set.add(bob, carol)
    private.admit(carol)
    for audience in (f"chat.{private.pk}", f"group.{night_shift.pk}"):
        send_all(begun(announce(alice, audience, must_acknowledge=True, remind_hours=1)))
    private.release(bob)
    night_shift.user_set.remove(bob)
    hours_pass(1)
    remind()
    assert set(bob.receipts.values_list("reminders", flat=True)) == {0}
    assert set(carol.receipts.values_list("reminders", flat=True)) == {1}
    assert set(Notification.objects.filter(inbox=bob.pk).values_list("count", flat=True)) == {1}
    assert set(Notification.objects.filter(inbox=carol.pk).values_list("count", flat=True)) == {2}
    private.admit(bob)
    night_shift.user_set.add(bob)
    hours_pass(1)
    remind()
    assert list(bob.receipts.order_by("pk").values_list("reminders", flat=True)) == [0, 1], "a room is entered anew"


def test_many_who_have_left_keep_nobody_from_being_reminded(
    alice: User, bob: User, carol: User, private: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "CHUNK", 1)
    private.admit(carol)
    send_all(begun(announce(alice, f"chat.{private.pk}", must_acknowledge=True, remind_hours=1)))
    for user in (alice, bob):
        private.release(user)
    hours_pass(1)
    while remind():
        pass
    assert carol.receipts.get().reminders == 1
    assert alice.receipts.get().reminders == bob.receipts.get().reminders == 0


def test_reminding_many_costs_a_bounded_number_of_queries(alice: User) -> None:
    User.objects.bulk_create(User(username=f"user{number}") for number in range(400))
    send_all(begun(announce(alice, must_acknowledge=True, remind_hours=1)))
    hours_pass(1)
    with CaptureQueriesContext(connection) as captured:
        remind()
    # SQLite inserts some hundred rows at a time, PostgreSQL all.
    assert len(captured) <= 40
