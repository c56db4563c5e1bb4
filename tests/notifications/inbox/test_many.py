"""Telling many people at once: each once, in a bounded number of queries, and their pages hear of it."""

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.inbox.bulk import PUSH_LIMIT
from notifications.inbox.notify import mark_read, notify, notify_many
from notifications.live.door import CONTROL_GROUP
from notifications.models import Inbox, Notification
from notifications.relay import upkeep
from notifications.testing import Event
from tests.notifications.relay.test_relay import opened

pytestmark = pytest.mark.django_db

NEWS = {"kind": "announcement", "subject": "announcement.1"}


@pytest.fixture
def crowd(db: None) -> list[int]:
    """Sixty people, none of whom has ever been told of anything."""
    people = User.objects.bulk_create(User(username=f"person{number}") for number in range(60))
    return [person.pk for person in people]


def test_everybody_is_told_once_and_their_inboxes_move_on(crowd: list[int], alice: User) -> None:
    assert notify_many(crowd[:40], "Lunch", "/menu/", key="a.1", **NEWS) == 40
    assert notify_many(crowd, "Lunch", "/menu/", key="a.1", **NEWS) == 20, "the others know"
    assert notify_many(crowd, "Lunch", "/menu/", key="a.1", **NEWS) == 0
    rows = Notification.objects.filter(inbox__in=crowd)
    assert set(rows.values_list("text", "url", "kind", "subject", "count", "seq")) == {
        ("Lunch", "/menu/", "announcement", "announcement.1", 1, 1)
    }
    assert rows.count() == len(crowd)
    assert set(Inbox.objects.filter(pk__in=crowd).values_list("seq", flat=True)) == {1}
    assert not Notification.objects.filter(inbox=alice.pk).exists()


def test_a_repeat_folds_into_what_was_not_read(alice: User, bob: User) -> None:
    people = [alice.pk, bob.pk]
    notify_many(people, "first", key="a.1", **NEWS)
    mark_read(bob)
    assert notify_many(people, "second", key="a.2", **NEWS) == 2
    assert list(alice.inbox.notifications.values_list("text", "count", "seq")) == [("second", 2, 2)]
    assert list(bob.inbox.notifications.order_by("pk").values_list("text", "count", "seq")) == [
        ("first", 1, 2),
        ("second", 1, 3),
    ]


def test_it_folds_with_what_was_told_to_one(alice: User, bob: User) -> None:
    row = notify(alice, "first", **NEWS)
    notify_many([alice.pk, bob.pk], "second", key="a.2", **NEWS)
    assert alice.inbox.notifications.get().pk == row.pk
    assert notify(alice, "third", **NEWS).count == 3


def test_the_number_of_queries_does_not_grow_with_the_people(crowd: list[int]) -> None:
    def queries(people: list[int], key: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            notify_many(people, "x", key=key, **NEWS)
        return len(captured)

    few, all_of_them = queries(crowd[: PUSH_LIMIT + 1], "few"), queries(crowd, "all")
    assert all_of_them <= few + 1 <= 16
    assert queries(crowd, "again") <= few + 1


def test_the_relays_look_once_and_nothing_is_rendered_for_each(
    crowd: list[int], pushes: list[Event], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        notify_many(crowd, "x", key="a.1", **NEWS)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        notify_many(crowd, "x", key="a.1", **NEWS)
    assert [(event["group"], event["event"]) for event in pushes] == [(CONTROL_GROUP, "look")]


@pytest.mark.django_db(transaction=True)
async def test_open_pages_have_it_at_once(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "CHECK_SECONDS", 600.0)
    theirs, other = await opened(bob, f"user.{bob.pk}"), await opened(alice, f"user.{alice.pk}")
    for number in (1, 2):
        await database_sync_to_async(notify_many)([bob.pk], f"Lunch {number}", key=f"a.{number}", **NEWS)
        await theirs.until(lambda: f"Lunch {number}" in theirs.text)  # noqa: B023
    assert "Lunch" not in other.text


def test_who_is_gone_or_deactivated_is_left_out(alice: User, bob: User) -> None:
    bob.is_active = False
    bob.save()
    assert notify_many([alice.pk, bob.pk, 10**6], "x", key="a.1", **NEWS) == 1
    assert notify_many([], "x", key="a.2", **NEWS) == 0


def test_bad_arguments_change_nothing(alice: User) -> None:
    with pytest.raises(ValueError, match="leads to a path"):
        notify_many([alice.pk], "x", "javascript:alert(1)", key="a.1", **NEWS)
    with pytest.raises(ValueError, match="At most 1000"):
        notify_many(range(1001), "x", key="a.1", **NEWS)
    assert not Notification.objects.exists()
