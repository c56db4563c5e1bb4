"""Background tasks that report: how they are started, and seen on every page of the person who waits for them.

    jobs.start(user, "Export of General", export_chat, chat.pk)

    @shared_task
    def export_chat(job_pk: int, chat_pk: int) -> None:
        with progress_of(job_pk, total=…) as p:
            …

A change of a job (it starts, ends, is cancelled) takes a place in its owner's inbox stream, so that no page misses it;
what is shown in between are hints.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from notifications.jobs.limits import TooMany as TooMany
from notifications.jobs.limits import limit as limit
from notifications.jobs.models import Job as Job
from notifications.jobs.models import JobQuerySet as JobQuerySet
from notifications.prose.text import one_line

KIND = "job"
"""The kind of what the inbox tells of them."""


def start(user: User, title: str, task: Any, *arguments: Any, key: str | None = None) -> Job:
    """Make a job for a person and queue `task(job.pk, *arguments)` after commit; the person can retry it.

    `task` is a Celery task or the name of one. `arguments` are kept as JSON. With a `key`, starting it again changes
    nothing until 30 days after its end. TooMany if the task's limit is reached.
    """
    fields = {"title": one_line(title, 200), "task": getattr(task, "name", task), "arguments": arguments}
    with transaction.atomic():
        job, is_new = Job.objects.add(key=key, user=user, **fields)
        if is_new:
            job.ask_for_room()
            job.show()
            job.enqueue()
    return job


class Panel:
    """What people see of their jobs on whatever page they have open."""

    def groups(self, user_pks: Collection[int]) -> dict[int, set[str]]:
        """Name no group: all of it comes by the person's own."""
        return {}

    def snapshot(self, user_pk: int) -> str:
        """Render the jobs that are under way or have just ended."""
        return Job.objects.filter(user=user_pk).panel()
