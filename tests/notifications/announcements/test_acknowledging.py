"""Acknowledging: counted exactly, at a cost that does not grow, beside reminders that wait for nobody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from notifications.announcements import reminding
from notifications.announcements.reminding import remind
from notifications.models import Delivery, Receipt
from notifications.testing import Event, assert_pushed
from tests.conftest import signed_in
from tests.notifications.announcements.test_sending import announce, begun, hours_pass, send_all

Capture = Callable[..., Any]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(alice: User) -> None:
    """Alice, who announces, is staff."""
    alice.is_staff = True
    alice.save()


def sent_to_all(author: User, **fields: Any) -> Delivery:
    """Send everybody something to acknowledge, of which they are reminded every hour."""
    delivery = begun(announce(author, must_acknowledge=True, remind_hours=1, **fields))
    send_all(delivery)
    return delivery


def queries(do: Callable[[], object]) -> int:
    """Return how many queries it takes to do something."""
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def test_an_acknowledgement_costs_as_little_however_many_there_are(alice: User, bob: User, carol: User) -> None:
    sent_to_all(alice)
    alice.receipts.acknowledge()
    first = queries(lambda: bob.receipts.acknowledge())
    User.objects.bulk_create(User(username=f"user{number}") for number in range(200))
    delivery = sent_to_all(alice, title="Flood drill")
    for receipt in delivery.receipts.exclude(user__in=[bob, carol]):
        receipt.acknowledge()
    assert queries(lambda: delivery.receipts.filter(user=carol).acknowledge()) == first
    assert first <= 16, "of which savepoints are the half"


def test_the_list_costs_as_little_however_many_sendings_there_are(alice: User) -> None:
    client = signed_in(alice)
    sent_to_all(alice)
    assert client.get("/announcements/").status_code == 200
    first = queries(lambda: client.get("/announcements/"))
    for number in range(20):
        sent_to_all(alice, title=f"Drill {number}").receipts.acknowledge()
    assert queries(lambda: client.get("/announcements/")) == first


def test_each_one_is_counted_once_and_the_last_is_what_open_rolls_show(
    alice: User, bob: User, carol: User, pushes: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    delivery = sent_to_all(alice)
    stale = list(delivery.receipts.select_related("delivery"))
    with django_capture_on_commit_callbacks(execute=True):
        for user in (alice, bob, carol):
            user.receipts.acknowledge()
        assert not any(receipt.acknowledge() for receipt in stale), "they have done so already"
    delivery.refresh_from_db()
    assert delivery.acknowledged == 3
    shown = assert_pushed(pushes, delivery, "#roll-count", verb="replace")
    assert [f"{number} of 3 acknowledged" in str(each) for number, each in enumerate(shown, 1)] == [True] * 3


def in_threads(*works: Callable[[], object]) -> None:
    """Do these things at the same moment, each on a connection of its own."""
    together = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        together.wait(timeout=10)
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=60)


@pytest.mark.django_db(transaction=True)
def test_people_acknowledge_while_they_are_reminded(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "CHUNK", 7)
    User.objects.bulk_create(User(username=f"user{number}") for number in range(60))
    delivery = sent_to_all(alice)
    before = delivery.receipts.filter(pk__in=list(delivery.receipts.values_list("pk", flat=True)[::3]))
    before.acknowledge()
    hours_pass(1)

    def remind_all() -> None:
        while remind():
            pass

    def acknowledge_all(backwards: bool) -> None:
        for user in User.objects.order_by("-pk" if backwards else "pk"):
            user.receipts.acknowledge()

    in_threads(remind_all, remind_all, lambda: acknowledge_all(False), lambda: acknowledge_all(True))
    delivery.refresh_from_db()
    assert delivery.acknowledged == delivery.count == 61
    assert not Receipt.objects.unacknowledged().exists()
    assert set(before.values_list("reminders", flat=True)) == {0}, "they had acknowledged before"
    assert set(Receipt.objects.values_list("reminders", flat=True)) <= {0, 1}


@pytest.mark.django_db(transaction=True)
def test_reminders_wait_for_nobody_who_is_acknowledging(alice: User, bob: User) -> None:
    if not connection.features.has_select_for_update_skip_locked:
        pytest.skip("Here whoever writes waits for everybody else who does.")
    sent_to_all(alice)
    hours_pass(1)

    def remind_or_fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        remind()

    with transaction.atomic():
        bob.receipts.acknowledge()
        in_threads(remind_or_fail)
        assert alice.receipts.get().reminders == 1
    remind()
    assert bob.receipts.get().reminders == 0
