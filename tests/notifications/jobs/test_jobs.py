"""Background tasks of a person: started, shown to nobody else, cancelled, retried, dismissed, told of."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from bs4 import BeautifulSoup, Tag
from celery import shared_task
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications import tasks
from notifications.jobs import lifecycle as jobs
from notifications.jobs import upkeep
from notifications.jobs.progress import progress, progress_of
from notifications.live import streams
from notifications.models import Announcement, Delivery, Job, Notification
from notifications.push import dom_id
from notifications.templatetags.pushes import duration
from notifications.testing import Event, assert_not_pushed, assert_pushed, captured_pushes
from project import paths
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

State = Job.State
VERBS = ("cancelling", "retrying", "dismissing", "seeing")


@shared_task
def work(job_pk: int, name: str) -> None:
    """A task as an app has them."""
    with progress_of(job_pk, total=1) as p:
        p.advance()


@shared_task
def one_at_a_time(job_pk: int) -> None:
    """A task of which a person may have one."""


jobs.limit(one_at_a_time.name, 1, "One import is enough.")


@shared_task
def stumble(job_pk: int) -> None:
    """A task that fails before its block."""
    raise LookupError("there is no such import")


@pytest.fixture
def queue() -> Iterator["redis.Redis"]:
    """Celery's queue, empty."""
    with redis.Redis.from_url(f"unix://{paths.redis_socket()}?db=1") as client:
        client.flushdb()
        yield client


def queued(client: "redis.Redis") -> list[Any]:
    """Return the arguments of all tasks in the queue."""
    messages = [json.loads(message) for message in client.lrange("celery", 0, -1)]
    return [json.loads(base64.b64decode(message["body"]))[0] for message in messages]


def job_of(user: User, state: str = State.RUNNING, **fields: Any) -> Job:
    """Make a job as its process would have left it."""
    now = timezone.now()
    times = {"started_at": now, "alive_at": now, "ended_at": None if state in Job.UNFINISHED else now}
    return Job.objects.create(**{"user": user, "title": "Import", "state": state, "task": work.name, **times, **fields})


def card(html: bytes | str, job: Job) -> Tag | None:
    return BeautifulSoup(html, "html.parser").select_one(f"#job-{job.pk}")


def ids_on(client: Client, path: str) -> set[str]:
    return {str(shown["id"]) for shown in BeautifulSoup(client.get(path).content, "html.parser").select(".job")}


def end_long_ago(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(ended_at=timezone.now() - timedelta(minutes=1))


def test_a_started_job_waits_in_the_queue(alice: User, queue: "redis.Redis") -> None:
    job = jobs.start(alice, "Import of orders", work, "orders")
    assert (job.state, job.title, queued(queue)) == (State.WAITING, "Import of orders", [[job.pk, "orders"]])
    work(job.pk, "orders")
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED


def test_a_title_is_a_line_that_any_database_can_store(alice: User) -> None:
    assert jobs.start(alice, "Import\n\0" + 300 * "x", work, "orders").title == f"Import {192 * 'x'}…"


def test_with_a_key_it_is_started_once(alice: User, queue: "redis.Redis") -> None:
    first = jobs.start(alice, "Import", work, "orders", key="import.7")
    assert jobs.start(alice, "Import", work, "orders", key="import.7") == first
    assert len(queued(queue)) == 1


def test_what_is_rolled_back_is_neither_queued_nor_shown(
    alice: User, queue: "redis.Redis", pushes: list[Event]
) -> None:
    with transaction.atomic():
        jobs.start(alice, "Import", work, "orders")
        transaction.set_rollback(True)
    assert not queued(queue)
    assert not pushes


def test_a_job_that_the_queue_has_lost_is_queued_again_once_a_minute(alice: User, queue: "redis.Redis") -> None:
    job = jobs.start(alice, "Import", work, "orders")
    queue.flushdb()
    tasks.queue_forgotten_jobs()
    assert not queued(queue), "it has not waited for long"
    Job.objects.update(alive_at=timezone.now() - timedelta(minutes=2))
    tasks.queue_forgotten_jobs()
    tasks.queue_forgotten_jobs()
    assert queued(queue) == [[job.pk, "orders"]]


def test_start_and_end_take_a_place_in_the_inbox_and_what_is_between_does_not(
    alice: User, bob: User, pushes: list[Event]
) -> None:
    with progress(alice, "Import", total=10) as p:
        p.result("/imports/7/")
    # In order: it started, a tick, it ended.
    assert [event["seq"] for event in pushes] == [1, None, 2]
    assert {event["group"] for event in pushes} == {f"user.{alice.pk}"}
    assert_pushed(pushes, f"user.{alice.pk}", f"#job-{p.job_pk}.is-succeeded a[href='/imports/7/']")
    assert_not_pushed(pushes, f"user.{bob.pk}")


def test_ticks_leave_the_buttons_alone_and_the_versions_grow(alice: User, pushes: list[Event]) -> None:
    with progress(alice, "Import", total=10) as p:
        p._write()
        p._write()
    ticks = assert_pushed(pushes, f"user.{alice.pk}", f"#job-{p.job_pk}-progress[hx-swap-oob]")
    assert len(ticks) == 2
    assert not any(tick.select("button, a") for tick in ticks)
    versions = [int(str(part["data-seq"])) for part in assert_pushed(pushes, f"user.{alice.pk}", "[data-seq]")]
    assert versions == sorted(versions)


def test_a_page_that_missed_all_of_it_catches_up_with_its_own(alice: User, bob: User) -> None:
    job, other = job_of(alice, done=5, total=20), job_of(bob)
    html = streams.catch_up(f"user.{alice.pk}", 0)
    assert card(html, job).select_one("progress")["value"] == "25"
    assert not card(html, other)


def test_what_is_under_way_or_just_ended_is_on_every_page_of_its_owner_and_of_nobody_else(
    alice: User, bob: User
) -> None:
    running, failed = job_of(alice), job_of(alice, State.FAILED, error="ValueError: no")
    old = job_of(alice, State.SUCCEEDED, ended_at=timezone.now() - timedelta(hours=1))
    page = signed_in(alice).get("/accounts/profile/").content
    assert card(page, running).select_one("progress:not([value])"), "nobody knows how much there is to do"
    assert "ValueError: no" in card(page, failed).text
    assert not card(page, old)
    assert "Import" not in signed_in(bob).get("/accounts/profile/").content.decode()


def test_the_page_of_all_tasks_has_the_past_too_and_a_link_to_what_is_older(alice: User, bob: User) -> None:
    client = signed_in(alice)
    assert "No tasks." in client.get("/notifications/jobs/").content.decode()
    hour_ago = timezone.now() - timedelta(hours=1)
    past = [job_of(alice, State.SUCCEEDED, ended_at=hour_ago) for _ in range(60)]
    running = job_of(alice)
    job_of(bob)
    page, older = (
        ids_on(client, path) for path in ("/notifications/jobs/", f"/notifications/jobs/?before={past[10].pk}")
    )
    assert page == {dom_id(running), *(dom_id(job) for job in past[10:])}
    assert older == {dom_id(job) for job in past[:10]}
    assert client.get("/notifications/jobs/?before=x").status_code == 200


@pytest.mark.parametrize("verb", VERBS)
def test_outsider_gets_404_and_changes_nothing(alice: User, carol: User, verb: str) -> None:
    for state in (State.RUNNING, State.FAILED):
        job = job_of(alice, state)
        before = Job.objects.filter(pk=job.pk).values().get()
        assert signed_in(carol).post(f"/notifications/jobs/{job.pk}/{verb}/").status_code == 404
        assert signed_in(alice).get(f"/notifications/jobs/{job.pk}/{verb}/").status_code == 405
        assert Job.objects.filter(pk=job.pk).values().get() == before


def test_who_is_not_signed_in_is_sent_to_sign_in(alice: User, client: Client) -> None:
    job = job_of(alice)
    paths = ["/notifications/jobs/", *(f"/notifications/jobs/{job.pk}/{verb}/" for verb in VERBS)]
    assert {client.post(path).status_code for path in paths} == {302}


def test_plain_forms_cancel_retry_and_dismiss(alice: User, queue: "redis.Redis") -> None:
    client, job = signed_in(alice), jobs.start(alice, "Import", work, "orders")

    def press(verb: str) -> str:
        answer = client.post(f"/notifications/jobs/{job.pk}/{verb}/")
        assert (answer.status_code, answer["Location"]) == (303, reverse("notifications:jobs"))
        job.refresh_from_db()
        return job.state

    assert press("retrying") == State.WAITING, "it has not failed"
    assert press("cancelling") == State.CANCELLED
    assert press("retrying") == State.WAITING
    assert len(queued(queue)) == 2
    assert (job.ended_at, job.cancel_asked_at, job.seen_at) == (None, None, None)
    assert press("dismissing") == State.WAITING
    assert not alice.jobs.exclude(dismissed_at=None), "it has not ended"
    work(job.pk, "orders")
    assert press("cancelling") == State.SUCCEEDED, "too late"
    press("dismissing")
    assert job.dismissed_at
    assert "Import" not in client.get("/accounts/profile/").content.decode()
    assert "Import" in client.get("/notifications/jobs/").content.decode()


def test_a_job_without_a_task_cannot_be_retried(alice: User) -> None:
    job = job_of(alice, State.FAILED, task="")
    signed_in(alice).post(f"/notifications/jobs/{job.pk}/retrying/")
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "retrying" not in signed_in(alice).get("/notifications/jobs/").content.decode()


def test_htmx_gets_the_task_as_it_is_then_and_the_other_pages_too(alice: User, pushes: list[Event]) -> None:
    running, failed = job_of(alice), job_of(alice, State.FAILED)
    client, htmx = signed_in(alice), {"HX-Request": "true"}
    answer = client.post(f"/notifications/jobs/{running.pk}/cancelling/", headers=htmx)
    assert "Cancelling…" in card(answer.content, running).text
    assert not card(answer.content, running).select("[formaction*=cancelling]")
    assert_pushed(pushes, f"user.{alice.pk}", f"#job-{running.pk}")
    assert not card(answer.content, failed), "another may have changed since: only what was acted upon is answered"
    answer = client.post(f"/notifications/jobs/{failed.pk}/dismissing/", headers=htmx)
    assert (answer.status_code, answer.content) == (200, b"")
    panels = assert_pushed(pushes, f"user.{alice.pk}", "#jobs")
    assert not panels[-1].select(f"#job-{failed.pk}")


def test_an_end_that_nobody_saw_goes_to_the_inbox_once(alice: User, bob: User) -> None:
    job = job_of(alice, State.FAILED, error="ValueError: no")
    tasks.tell_of_ended_jobs()
    assert not Notification.objects.exists(), "somebody may still be looking"
    end_long_ago(job)
    with ThreadPoolExecutor(2) as workers:
        for done in [workers.submit(tell) for _ in range(2)]:
            done.result()
    tasks.tell_of_ended_jobs()
    notification = Notification.objects.get()
    assert (notification.inbox_id, notification.kind, notification.count) == (alice.pk, "job", 1)
    assert notification.text == "Import: ValueError: no"
    assert notification.url == f"/notifications/jobs/#job-{job.pk}"


def tell() -> None:
    try:
        tasks.tell_of_ended_jobs()
    finally:
        connections.close_all()


def test_the_end_of_the_next_try_is_told_as_well(alice: User) -> None:
    job = job_of(alice, State.FAILED)
    end_long_ago(job)
    tasks.tell_of_ended_jobs()
    alice.jobs.retry(job.pk)
    work(job.pk, "orders")
    end_long_ago(job)
    tasks.tell_of_ended_jobs()
    assert alice.inbox.occurrences.count() == 2


def test_an_end_that_was_on_the_screen_is_not_told(alice: User) -> None:
    job = job_of(alice, State.SUCCEEDED)
    client = signed_in(alice)
    shown = card(client.get("/accounts/profile/").content, job)
    assert shown["hx-trigger"] == "intersect once", "it fires on a page that is really looked at"
    assert client.post(str(shown["hx-post"])).status_code == 204
    assert not card(client.get("/accounts/profile/").content, job).has_attr("hx-post")
    end_long_ago(job)
    tasks.tell_of_ended_jobs()
    assert not Notification.objects.exists()


def test_seeing_a_task_that_still_runs_means_nothing(alice: User) -> None:
    job = job_of(alice)
    signed_in(alice).post(f"/notifications/jobs/{job.pk}/seeing/")
    job.refresh_from_db()
    assert job.seen_at is None


def test_seeing_the_end_reads_what_the_bell_says_of_it(alice: User) -> None:
    job = job_of(alice, State.SUCCEEDED)
    end_long_ago(job)
    tasks.tell_of_ended_jobs()
    signed_in(alice).post(f"/notifications/jobs/{job.pk}/seeing/")
    assert Notification.objects.get().read_at


def test_lost_jobs_are_shown_as_failed(alice: User, pushes: list[Event]) -> None:
    job = job_of(alice, alive_at=timezone.now() - timedelta(seconds=30))
    tasks.end_lost_jobs()
    (shown,) = assert_pushed(pushes, f"user.{alice.pk}", f"#job-{job.pk}.is-failed")
    assert "The worker that ran this has stopped." in shown.text
    assert shown.select("[formaction*=retrying]")
    with captured_pushes() as later:
        tasks.end_lost_jobs()
    assert not later


def test_a_lost_job_that_is_cancelled_at_that_moment_is_no_failure(alice: User) -> None:
    job = job_of(alice, alive_at=timezone.now() - timedelta(seconds=30))
    alice.jobs.cancel(job.pk)
    # As it was read before.
    upkeep._end_lost(Job.objects.none(), job)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.CANCELLED, "")


def test_what_the_task_says_is_shown_as_text(alice: User) -> None:
    job = job_of(alice, State.FAILED, title="<b id=jobs>", log="<i id=main>", error="<script>")
    shown = card(signed_in(alice).get("/accounts/profile/").content, job)
    assert not shown.select("b, i, script")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (90, "2 min"), (3599, "60 min"), (7500, "2 h 5 min")],
)
def test_times_are_said_in_words(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_administrators_see_jobs_and_not_what_they_say(admin_client: Client, alice: User) -> None:
    job = job_of(alice, title="Export of Launch", log="secret", error="ValueError: secret")
    assert admin_client.get("/admin/notifications/job/").status_code == 200
    page = admin_client.get(f"/admin/notifications/job/{job.pk}/change/").content.decode()
    assert "alice" in page
    assert "secret" not in page


def test_what_ended_a_month_ago_is_deleted(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    month_ago = timezone.now() - timedelta(days=31)
    for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED) * 2:
        job_of(alice, state, ended_at=month_ago)
    kept = [
        job_of(alice, State.WAITING, alive_at=month_ago),
        job_of(alice, State.RUNNING, started_at=month_ago),
        job_of(alice, State.SUCCEEDED, ended_at=month_ago + timedelta(days=2)),
    ]
    tasks.delete_old_jobs()
    assert list(alice.jobs.order_by("pk")) == kept


def test_a_task_by_which_an_announcement_may_go_on_is_kept(alice: User) -> None:
    announcement = Announcement.objects.announce(alice, title="Cake", body="", audience="all", first_at=timezone.now())
    month_ago = timezone.now() - timedelta(days=31)
    still_open, done = (job_of(alice, State.FAILED, ended_at=month_ago) for _ in range(2))

    def delivery(number: int, **fields: Any) -> Delivery:
        due_at = month_ago + timedelta(hours=number)
        return announcement.deliveries.create(due_at=due_at, alive_at=due_at, retry_at=due_at, **fields)

    delivery(1, job=still_open)
    delivery(2, job=None)
    over = delivery(3, job=done, ended_at=month_ago)
    tasks.delete_old_jobs()
    assert list(alice.jobs.all()) == [still_open]
    over.refresh_from_db()
    assert over.job is None


def test_of_a_task_with_a_limit_a_person_has_no_more_than_that(
    alice: User, bob: User, queue: "redis.Redis", pushes: list[Event]
) -> None:
    first = jobs.start(alice, "Import", one_at_a_time, key="import.7")
    pushes.clear()
    with pytest.raises(jobs.TooMany, match="One import is enough"):
        jobs.start(alice, "Import", one_at_a_time)
    assert jobs.start(alice, "Import", one_at_a_time, key="import.7") == first, "that is none more"
    assert (alice.jobs.count(), queued(queue), pushes) == (1, [[first.pk]], [])
    jobs.start(bob, "Import", one_at_a_time)
    jobs.start(alice, "Import of orders", work, "orders")
    alice.jobs.cancel(first.pk)
    second = jobs.start(alice, "Import", one_at_a_time)
    with pytest.raises(jobs.TooMany):
        alice.jobs.retry(first.pk)
    alice.jobs.cancel(second.pk)
    assert alice.jobs.retry(first.pk)


def test_a_task_that_fails_before_its_block_ends_its_job_and_no_other(alice: User) -> None:
    job, other = jobs.start(alice, "Import", stumble), jobs.start(alice, "Import", work, "x")
    stumble.apply((job.pk,))
    stumble.apply((other.pk,))
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "LookupError: there is no such import")
    assert job.is_repeatable
    assert other.state == State.WAITING
