"""Announcements through real processes: workers that die or are away, and people who get it all the same, once."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.live.person import Person
from tests.live.stack import Stack, alive, until

MANY = 4_000
PEOPLE = f"""
from django.contrib.auth.models import User
User.objects.bulk_create(User(username=f"person{{number}}") for number in range({MANY}))
"""

REMIND = """
from datetime import timedelta
from django.utils import timezone
from notifications.models import Receipt
from notifications.tasks import remind
sent = Receipt.objects.filter(delivery__announcement__title="New rota")
sent.update(reminded_at=timezone.now() - timedelta(hours=2))
for _ in range(3):
    remind.delay()
"""
THREE_DAYS_LATER = """
from datetime import timedelta
from notifications.models import Announcement
from notifications.tasks import deliver, send_due
three_days = timedelta(days=3)
daily = Announcement.objects.get(title="Stand-up")
daily.first_at -= three_days
daily.next_at -= three_days
daily.save()
first = daily.deliveries.get()
first.due_at -= three_days
first.save()
for _ in range(3):
    send_due.delay()
    deliver.delay(first.job_id, first.pk)
"""
ONCE_MORE = """
from django.utils import timezone
from notifications.models import Delivery
from notifications.tasks import deliver, send_due
last = Delivery.objects.latest("pk")
Delivery.objects.update(retry_at=timezone.now())
for _ in range(3):
    send_due.delay()
    deliver.delay(last.job_id, last.pk)
"""


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Bellwire with thousands of people, whose workers are these tests' own to kill."""
    with Stack(code, tmp_path_factory.mktemp("announcements") / "var", ["prepared"]) as running:
        manage(running, "shell", "--command", PEOPLE)
        yield running


def manage(site: Stack, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=site.code, env=site.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def one(site: Stack, query: str) -> Any:
    """Ask the database for one row, beside all that works with it."""
    with closing(sqlite3.connect(f"file:{site.state_dir}/bellwire.sqlite3?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(query).fetchone()


@contextmanager
def all_done(site: Stack) -> Iterator[None]:
    """Wait, at the end of the `with` block, until the worker has done everything that was queued in it."""
    with redis.Redis(unix_socket_path=str(site.redis_socket), db=1) as queues:
        # A worker that was killed leaves what it had taken: for ten minutes nobody else gets it.
        left = set(queues.hkeys("unacked"))
        yield
        until(lambda: not [*queues.scan_iter(_type="LIST")] and left.issuperset(queues.hkeys("unacked")))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_killed_in_the_middle_leaves_nobody_out_and_tells_nobody_twice(site: Stack) -> None:
    said = manage(site, "announce", "--all", "Killed in the middle", "--acknowledge")
    assert f"queued for {MANY + 3} people" in said
    until(lambda: (one(site, "SELECT max(count) FROM notifications_delivery") or [0])[0])
    worker = site.children()["worker"]
    os.kill(worker, signal.SIGKILL)
    until(lambda: not alive(worker))
    sent, ended_at = one(site, "SELECT count, ended_at FROM notifications_delivery")
    assert 0 < sent < MANY
    assert ended_at is None
    until(lambda: one(site, "SELECT ended_at FROM notifications_delivery")[0], timeout=110)
    assert one(site, "SELECT count FROM notifications_delivery") == (MANY + 3,)
    for count in (
        "count(*), count(DISTINCT user_id) FROM notifications_receipt",
        "count(*), count(DISTINCT inbox_id) FROM notifications_notification WHERE kind = 'announcement' AND count = 1",
    ):
        assert one(site, f"SELECT {count}") == (MANY + 3, MANY + 3)
    until(lambda: one(site, "SELECT state FROM notifications_job") == ("succeeded",))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_became_due_while_no_worker_ran_is_sent_once_when_one_does(site: Stack) -> None:
    bob, carol = Person(site, "bob"), Person(site, "carol")
    with bob.socket(f"{bob.own_stream}?after=0") as bobs, carol.socket(f"{carol.own_stream}?after=0") as carols:
        bobs.frames_until("cursor-user")
        carols.frames_until("cursor-user")
        # Far enough for two commands to begin on a busy machine.
        due = datetime.now(UTC) + timedelta(seconds=25)
        when = f"{due:%Y-%m-%d %H:%M:%S}"
        said = manage(site, "announce", "--chat", "Launch", "Due meanwhile", "--at", when)
        assert "will be sent to 2 people" in said
        manage(site, "announce", "--all", "For all", "--at", when)
        with site.worker_away():
            until(lambda: datetime.now(UTC) > due + timedelta(seconds=1), timeout=40)
        assert bobs.frames_until("Due meanwhile", timeout=40)
        assert not [frame for frame in carols.frames_until("For all", timeout=40) if "Due meanwhile" in frame]
    query = "SELECT count(*) FROM notifications_receipt r JOIN notifications_delivery d ON d.id = r.delivery_id"
    where = "JOIN notifications_announcement a ON a.id = d.announcement_id WHERE a.title = 'Due meanwhile'"
    assert one(site, f"{query} {where}") == (2,)


def test_a_reminder_reaches_who_has_not_acknowledged_and_nobody_else(site: Stack) -> None:
    alice, bob = Person(site, "alice"), Person(site, "bob")
    with alice.socket(f"{alice.own_stream}?after=0") as alices, all_done(site):
        manage(site, "announce", "--chat", "Launch", "New rota", "--acknowledge", "--remind", "2")
        alices.frames_until("Please acknowledge: New rota")
        (rota,) = one(site, "SELECT id FROM notifications_announcement WHERE title = 'New rota'")
        assert bob.post(f"/announcements/{rota}/acknowledgement/").status_code == 303
        manage(site, "shell", "--command", REMIND)
        alices.frames_until("Reminder: please acknowledge New rota")
    assert "Reminder: please acknowledge New rota" not in bob.get("/notifications/").text
    (roll,) = one(site, f"SELECT id FROM notifications_delivery WHERE announcement_id = {rota}")
    shown = alice.get(f"/announcements/rolls/{roll}/").text
    assert "1 of 2 acknowledged" in shown
    assert shown.count("reminded 1 time<") == 1


def test_what_comes_again_is_sent_again_and_once_however_often_that_is_queued(site: Stack) -> None:
    bob = Person(site, "bob")
    with bob.socket(f"{bob.own_stream}?after=0") as bobs:
        with all_done(site):
            manage(site, "announce", "--chat", "Launch", "Stand-up", "--every", "day")
            bobs.frames_until("Stand-up")
        with all_done(site):
            manage(site, "shell", "--command", THREE_DAYS_LATER)
            bobs.frames_until("2 new announcements")
    with all_done(site):
        manage(site, "shell", "--command", ONCE_MORE)
    of_it = "JOIN notifications_announcement a ON a.id = d.announcement_id WHERE a.title = 'Stand-up'"
    assert one(site, f"SELECT count(*), sum(d.count) FROM notifications_delivery d {of_it}") == (2, 4)
    receipts = "notifications_receipt r JOIN notifications_delivery d ON d.id = r.delivery_id"
    assert one(site, f"SELECT count(*), count(DISTINCT user_id) FROM {receipts} {of_it}") == (4, 2)
    assert bob.get("/notifications/").text.count("2 new announcements") == 1


def announced_and_stopped(site: Stack, alice: Person) -> tuple[int, int, int, int]:
    """Announce something to all and stop it; return to how many it went, and the keys of it, its delivery and job."""
    with all_done(site):
        manage(site, "announce", "--all", "Stopped in the middle")
        (stopped,) = one(site, "SELECT max(id) FROM notifications_announcement")
        sending = f"FROM notifications_delivery WHERE announcement_id = {stopped}"
        until(lambda: one(site, f"SELECT max(count) {sending}")[0])
        with site.worker_away():
            assert alice.post(f"/announcements/{stopped}/stopping/").status_code == 303
    sent, delivery, job = one(site, f"SELECT count, id, job_id {sending}")
    return sent, stopped, delivery, job


def test_what_is_stopped_in_the_middle_is_sent_to_nobody_more(site: Stack) -> None:
    alice = Person(site, "alice")
    # On a busy machine it may have gone to all before it could be stopped.
    tries = (announced_and_stopped(site, alice) for _ in range(5))
    sent, stopped, delivery, job = next(found for found in tries if found[0] < MANY)
    assert sent > 0
    sending = f"FROM notifications_delivery WHERE id = {delivery}"
    assert one(site, f"SELECT state FROM notifications_job WHERE id = {job}") == ("cancelled",)
    with all_done(site):
        manage(site, "shell", "--command", ONCE_MORE)
    assert one(site, f"SELECT count {sending}") == (sent,)
    assert one(site, f"SELECT count(*) FROM notifications_receipt WHERE delivery_id = {delivery}") == (sent,)
    assert "<dt>Stopped</dt>" in alice.get(f"/announcements/{stopped}/").text
