"""Progress: a block of work that its owner watches on every page, and can stop.

    with progress(user, "Import", total=len(rows)) as p:
        for row in p.track(rows):
            row.save()
        p.result("/imports/7/", "Open")

It works in a Celery task, a management command or a shell, outside of any transaction: what is not committed nobody
can see. However often it is told of steps, it writes and pushes at most some four times a second.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from celery.exceptions import Ignore
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from notifications.http import is_address
from notifications.jobs.models import Job, JobQuerySet
from notifications.prose.text import one_line

logger = logging.getLogger(__name__)

WRITE_SECONDS = 0.25
"""Between two writes of what the block tells."""
BEAT_SECONDS = 3.0
"""Between two writes while the block tells nothing."""
LOG_LINES = 20

Item = TypeVar("Item")


class Taken(Ignore):
    """The job is run by another process, or over: there is nothing to do. Celery ends the task without a word."""


class Stopped(BaseException):
    """Ends a block from within, as quietly as if it were done; no `except Exception` in the block holds it up."""


class Cancelled(Stopped):
    """The person who waits for it has pressed Cancel."""


class Lost(Stopped):
    """The process was away for so long that the job was declared failed; it may run elsewhere now."""


def progress(user: User, title: str, total: int | None = None, *, key: str | None = None) -> "Progress":
    """Return a block of work of a new job of this person's; without a `total`, its bar shows only that it moves.

    With a `key` the block never runs beside itself, nor again until 30 days after its end: `Taken` is raised where it
    begins. That is for tasks, which Celery may deliver twice.
    """
    return Progress(lambda: Job.objects.add(key=key, user=user, title=one_line(title, 200))[0].pk, total)


def progress_of(job_pk: int, total: int | None = None, done: int = 0) -> "Progress":
    """Return the block of work of a job that `jobs.start` has made; `Taken` is raised where it begins in vain.

    `done` is what an earlier run has done already: its rate is not counted as this one's.
    """
    return Progress(lambda: job_pk, total, done)


class Progress:
    """A running block of work. It may set `total` whenever it knows it.

    An exception that leaves the block fails the job and goes on; `Cancelled` and `Lost` end here, and what comes after
    the block is done in any case.
    """

    def __init__(self, find_job: Callable[[], int], total: int | None, done: int = 0) -> None:
        self.total = total
        self.done = self._done_before = done
        self._find_job = find_job
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._result = {"result_url": "", "result_label": ""}
        self._stop: Stopped | None = None
        self._written = 0.0
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._started_at = now = timezone.now()
        self._depth = len(connection.atomic_blocks)
        state = {**self._state(), "state": Job.State.RUNNING, "started_at": now, "alive_at": now}
        state |= {"done_before": self._done_before}
        # Durable: within a transaction nobody else could see that it is taken, nor that it goes on.
        with transaction.atomic(durable=True):
            self.job_pk = self._find_job()
            if Job.objects.claimable().change(self.job_pk, **state) is None:
                raise Taken(f"Job {self.job_pk} is not waiting.")
        self._written = time.monotonic()
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._ended.set()
        self._heart.join()
        now = timezone.now()
        end = {**self._state(), **self._end(error), "alive_at": now, "ended_at": now}
        self._held().change(self.job_pk, **end)
        return isinstance(error, Stopped)

    def advance(self, steps: int = 1) -> None:
        """Tell that so many more items are done. Raises `Cancelled` when the person wants no more of it."""
        self.done += steps
        self._tell()

    def log(self, line: str) -> None:
        """Add a line to those that are shown, of which the last 20 are kept."""
        self._lines.append(one_line(line, 200))
        self._tell()

    def track(self, items: Iterable[Item]) -> Iterator[Item]:
        """Go through `items` and tell of each one when it is done."""
        for item in items:
            yield item
            self.advance()

    def result(self, url: str, label: str = "Open") -> None:
        """Say where the result is to be found, once the block is done: a path (`/…`) or an `http(s)://` address.

        ValueError for anything else, and for what cannot be stored: more than 500 characters.
        What was told so far is written first, so this is the last moment at which a block is stopped.
        """
        if not is_address(url):
            raise ValueError(f"A result is at a path or an http(s) address, not at {url[:100]!r}.")
        if len(url) > 500:
            raise ValueError(f"A result's address has at most 500 characters, unlike {url[:100]!r}.")
        self._write_outside()
        self._raise_stop()
        self._result = {"result_url": url, "result_label": one_line(label, 100)}

    def _tell(self) -> None:
        if time.monotonic() - self._written >= WRITE_SECONDS:
            self._write_outside()
        self._raise_stop()

    def _write_outside(self) -> None:
        # A transaction of the block's own would keep the job's row locked until it ends, and the beat waiting for it.
        # So meanwhile only the beat writes, by a connection of its own.
        if len(connection.atomic_blocks) == self._depth:
            self._write()

    def _raise_stop(self) -> None:
        if self._stop:
            raise self._stop

    def _write(self) -> None:
        with self._writing:
            self._written = time.monotonic()
            job = self._held().report(self.job_pk, **self._state(), alive_at=timezone.now())
        if job is None:
            self._stop = Lost()
        elif job.cancel_asked_at:
            self._stop = Cancelled()

    def _beat(self) -> None:
        # While one step is long, it is this thread that shows the last of what was told, and that the process lives.
        while not self._ended.wait(max(0.1, self._written + BEAT_SECONDS - time.monotonic())):
            if time.monotonic() - self._written < BEAT_SECONDS:
                continue
            try:
                self._write()
            except Exception:
                logger.exception("The progress of job %s could not be written; it is tried again", self.job_pk)
            finally:
                connection.close()

    def _held(self) -> JobQuerySet:
        return Job.objects.held(self._started_at)

    def _state(self) -> dict[str, Any]:
        return {"done": self.done, "total": self.total, "log": "\n".join(self._lines)}

    def _end(self, error: BaseException | None) -> dict[str, Any]:
        if error is None:
            return {"state": Job.State.SUCCEEDED, **self._result}
        elif isinstance(error, Cancelled):
            return {"state": Job.State.CANCELLED}
        else:
            return {"state": Job.State.FAILED, "error": one_line(f"{type(error).__name__}: {error}", 300)}
