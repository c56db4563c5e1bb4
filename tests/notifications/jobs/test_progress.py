"""A block of work that reports: what its owner sees, what stops it, and what a dead or late process may do."""

import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from notifications.jobs import progress as blocks
from notifications.jobs.progress import Progress, Taken, progress, progress_of
from notifications.models import Job
from notifications.tasks import end_lost_jobs
from notifications.testing import captured_pushes
from tests.live.stack import until

pytestmark = pytest.mark.django_db(transaction=True)

State = Job.State


def the_job() -> Job:
    return Job.objects.get()


def let_die(job_pk: int) -> None:
    """Let the last sign of life of a job's process be long ago."""
    Job.objects.filter(pk=job_pk).update(alive_at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write every step, so that what follows from it can be seen at once."""
    monkeypatch.setattr(blocks, "WRITE_SECONDS", 0)


def test_a_block_of_work_from_its_start_to_its_end(alice: User) -> None:
    with progress(alice, "Import", total=3) as p:
        assert (the_job().state, the_job().user) == (State.RUNNING, alice)
        for row in p.track("abc"):
            p.log(f"row {row}")
        p.result("/imports/7/", "Look at it")
    job = the_job()
    assert (job.state, job.done, job.total, job.percent) == (State.SUCCEEDED, 3, 3, 100)
    assert job.log == "row a\nrow b\nrow c"
    assert (job.result_url, job.result_label) == ("/imports/7/", "Look at it")
    assert job.ended_at


def test_however_often_it_tells_it_writes_four_times_a_second_and_the_last_state_always(alice: User) -> None:
    with captured_pushes() as pushes, progress(alice, "Import") as p:
        began = time.monotonic()
        while time.monotonic() - began < 1.2:
            p.advance()
    ticks = [event for event in pushes if event["event"] == "job_progress"]
    assert 3 <= len(ticks) <= 5
    assert the_job().version == len(ticks) + 2, "and with its start and its end"
    assert the_job().done == p.done > 100


def test_only_the_last_lines_are_kept_each_as_one_line_any_database_can_store(alice: User) -> None:
    with progress(alice, "Import") as p:
        for number in range(30):
            p.log(f"line {number}\n\0half a pair: \ud800")
    lines = the_job().log.splitlines()
    assert len(lines) == 20
    assert lines[-1] == "line 29 half a pair: ?"


def test_the_total_may_be_found_out_on_the_way(alice: User, every_step: None) -> None:
    with progress(alice, "Import") as p:
        p.advance()
        assert the_job().percent is None
        assert the_job().remaining is None
        p.total = 4
        p.advance()
        assert the_job().percent == 50


def test_rate_and_time_left_follow_from_what_is_done_since_the_start(alice: User) -> None:
    now = timezone.now()
    job = Job(
        user=alice, state=State.RUNNING, done=200, total=1000, started_at=now - timedelta(seconds=10), alive_at=now
    )
    assert (job.percent, job.rate, job.remaining) == (20, 20.0, timedelta(seconds=40))
    job.done_before = 100
    assert (job.rate, job.remaining) == (10.0, timedelta(seconds=80)), "an earlier run did half of it"
    assert Job(total=0).percent is None
    assert Job(done=9, total=3).percent == 100


def test_an_exception_fails_the_job_with_one_line_and_goes_on(alice: User) -> None:
    with pytest.raises(ValueError, match="no such column"), progress(alice, "Import"):
        raise ValueError("no such column\nTraceback: \0 secret" + "x" * 500)
    job = the_job()
    assert job.state == State.FAILED
    assert job.error.startswith("ValueError: no such column Traceback: secret")
    assert (len(job.error), "\n" in job.error) == (300, False)


def test_cancelling_stops_the_block_quietly_whatever_it_catches(alice: User, every_step: None) -> None:
    steps = 0
    with progress(alice, "Import", total=100) as p:
        for _ in range(100):
            try:
                p.advance()
                steps += 1
            except Exception:  # like an import that skips the rows it cannot read
                continue
            if steps == 3:
                alice.jobs.cancel(p.job_pk)
                assert the_job().is_stopping
    assert (steps, the_job().state, the_job().done) == (3, State.CANCELLED, 4)


def test_a_result_is_promised_only_by_who_was_not_cancelled(alice: User) -> None:
    with progress(alice, "Import") as p:
        alice.jobs.cancel(p.job_pk)
        p.result("/imports/7/")
        raise AssertionError("not reached")
    assert (the_job().state, the_job().result_url) == (State.CANCELLED, "")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "imports/7/", ""])
def test_a_result_leads_nowhere_else(alice: User, url: str) -> None:
    with pytest.raises(ValueError, match="path or an http"), progress(alice, "Import") as p:
        p.result(url)


@pytest.mark.parametrize(
    "url", ["/" + 500 * "x", "/nul\0", "/half a pair: \ud800"], ids=["too long", "NUL", "half a pair"]
)
def test_a_result_whose_address_cannot_be_stored_is_refused_at_once(alice: User, url: str) -> None:
    with progress(alice, "Import") as p:
        with pytest.raises(ValueError, match=r"500 characters|path or an http"):
            p.result(url)
        p.result("/" + 499 * "x")
    assert (the_job().state, len(the_job().result_url)) == (State.SUCCEEDED, 500)


def test_title_and_label_are_lines_that_any_database_can_store(alice: User) -> None:
    with progress(alice, "Import\n\0" + 300 * "x") as p:
        p.result("/imports/7/", "Look\n\0at " + 300 * "x")
    job = the_job()
    assert job.title == f"Import {192 * 'x'}…"
    assert job.result_label == f"Look at {91 * 'x'}…"


def test_within_a_transaction_nobody_could_see_it(alice: User) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), progress(alice, "Import"):
        raise AssertionError("not reached")
    assert not Job.objects.exists(), "one that never began would wait for ever"


def test_while_one_step_is_long_the_page_shows_what_was_told_and_that_it_lives(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BEAT_SECONDS", 0.2)
    with progress(alice, "Import", total=10) as p:
        p.advance(5)
        let_die(p.job_pk)
        until(lambda: the_job().done == 5 and not Job.objects.lost().exists())
        before = the_job().alive_at
        until(lambda: the_job().alive_at > before)  # type: ignore[operator]
    assert not [thread for thread in threading.enumerate() if thread.name == "progress"]


def test_a_cancel_is_noticed_during_a_long_step(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BEAT_SECONDS", 0.2)
    with progress(alice, "Import") as p:
        alice.jobs.cancel(p.job_pk)
        until(lambda: p._stop)
        p.advance()
        raise AssertionError("not reached")
    assert the_job().state == State.CANCELLED


def waiting(user: User) -> Job:
    return Job.objects.add(user=user, title="Import", task="tests.import")[0]


def entered(job: Job) -> Progress:
    """Let a process take a job, and never end it."""
    return progress_of(job.pk, total=10).__enter__()


def release(block: Progress) -> None:
    block.__exit__(None, None, None)


def test_a_job_cancelled_while_it_waits_never_starts(alice: User) -> None:
    job = waiting(alice)
    alice.jobs.cancel(job.pk)
    with pytest.raises(Taken), progress_of(job.pk):
        raise AssertionError("not reached")
    assert the_job().state == State.CANCELLED


def test_delivered_twice_it_runs_once(alice: User) -> None:
    job = waiting(alice)
    first = entered(job)
    with pytest.raises(Taken):
        entered(job)
    release(first)
    with pytest.raises(Taken):
        entered(job)
    assert the_job().state == State.SUCCEEDED


def test_a_plain_block_with_a_key_runs_once_too(alice: User) -> None:
    with progress(alice, "Import", key="import.7"), pytest.raises(Taken), progress(alice, "Import", key="import.7"):
        raise AssertionError("not reached")
    with pytest.raises(Taken), progress(alice, "Import", key="import.7"):
        raise AssertionError("not reached")
    assert Job.objects.count() == 1


def test_taken_by_two_at_once_one_has_it(alice: User) -> None:
    job = waiting(alice)
    both = threading.Barrier(8)
    taken: list[Progress] = []

    def take() -> None:
        both.wait(timeout=10)
        try:
            taken.append(entered(job))
        except Taken:
            pass
        finally:
            transaction.get_connection().close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    release(taken[0])


def test_redelivered_after_its_process_died_it_starts_over(alice: User) -> None:
    job = waiting(alice)
    dead = entered(job)
    dead.advance(5)
    let_die(job.pk)
    with progress_of(job.pk, total=10) as p:
        assert (the_job().done, the_job().started_at) == (0, p._started_at)
        release(dead)
        assert the_job().state == State.RUNNING, "who was away has no say in it any more"
    assert the_job().state == State.SUCCEEDED


def test_a_process_that_comes_back_too_late_changes_nothing(alice: User, every_step: None) -> None:
    with progress(alice, "Import") as p:
        let_die(p.job_pk)
        end_lost_jobs()
        assert (the_job().state, the_job().error) == (State.FAILED, "The worker that ran this has stopped.")
        p.advance()
        raise AssertionError("not reached")
    assert (the_job().state, the_job().done) == (State.FAILED, 0)


def test_a_cancelled_job_whose_process_died_is_cancelled_and_not_begun_again(alice: User) -> None:
    job = waiting(alice)
    dead = entered(job)
    alice.jobs.cancel(job.pk)
    let_die(job.pk)
    with pytest.raises(Taken):
        entered(job)
    end_lost_jobs()
    assert (the_job().state, the_job().error) == (State.CANCELLED, "")
    release(dead)


def test_a_living_process_is_left_alone(alice: User) -> None:
    with progress(alice, "Import"):
        end_lost_jobs()
        assert the_job().state == State.RUNNING


def test_in_a_transaction_of_its_own_the_block_locks_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "WRITE_SECONDS", 0)
    with progress(alice, "Import", total=2) as p:
        with transaction.atomic():
            p.advance()
            assert the_job().done == 0, "only the beat writes, by another connection"
        p.advance()
        assert the_job().done == 2
