"""Jobs for programs: work that runs elsewhere, and is watched and stopped on its owner's pages."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from notifications.api.authentication import needs
from notifications.api.errors import Problem
from notifications.api.idempotency import IdempotencyKey, once
from notifications.api.schema import STORABLE, Given, Number, Whole
from notifications.http import SignedInRequest, is_address
from notifications.inbox.api import recipients
from notifications.jobs.models import LOST_AFTER, Job, JobQuerySet
from notifications.jobs.progress import LOG_LINES
from notifications.prose.text import one_line

router = Router(tags=["Jobs"])
ENDED = "This job has ended, or was taken for lost."
Silence = Annotated[
    int,
    Field(strict=True, ge=20, le=86_400, description="So many seconds without a report, and the job counts as lost."),
]


class NewJob(Given):
    """Work that has begun. `user` is the name of whom it is shown to: oneself if that is left out."""

    title: Annotated[str, Field(min_length=1, max_length=200), STORABLE]
    total: Whole | None = None
    user: Annotated[str, Field(max_length=150), STORABLE] | None = None
    silence: Silence = 60


class Report(Given):
    """How far it has come; with a `state` other than running it has ended. What is left out stays as it is."""

    done: Whole | None = None
    total: Whole | None = None
    log: Annotated[str, Field(max_length=10_000, description="A line to show; the last 20 are kept."), STORABLE] = ""
    state: Literal["running", "succeeded", "failed", "cancelled"] = "running"
    error: Annotated[str, Field(max_length=10_000), STORABLE] = ""
    result_url: Annotated[str, Field(max_length=500), STORABLE] = ""
    result_label: Annotated[str, Field(max_length=100), STORABLE] = "Open"
    silence: Silence = 60


class JobData(Schema):
    """A job. Once `is_cancelled`, its owner wants no more of it: end it with the state `cancelled`."""

    id: int
    title: str
    state: Literal["waiting", "running", "succeeded", "failed", "cancelled"]
    done: int
    total: int | None
    log: list[str]
    error: str
    result_url: str
    is_cancelled: bool
    started_at: datetime
    ended_at: datetime | None


@router.post("/jobs", auth=needs("jobs"), response={201: JobData})
def start_job(request: SignedInRequest, job: NewJob, key: IdempotencyKey = None) -> Status[Any]:
    """Show that some work has begun. Whoever has started a job reports of it, and nobody else does."""
    (owner,) = recipients(request, [job.user] if job.user else None)
    now = timezone.now()
    with once(request, key, job.model_dump_json()) as made_id, transaction.atomic():
        made, is_new = Job.objects.add(key=f"{_mark(request)}{made_id}", user=owner, title=one_line(job.title, 200))
        if is_new:
            begun = {"total": job.total, "started_at": now, "alive_at": _alive_at(job.silence)}
            made = Job.objects.waiting().change(made.pk, state=Job.State.RUNNING, **begun) or made
    return Status(201, _data(made))


@router.get("/jobs/{job}", auth=needs("jobs"), response=JobData)
def get_job(request: SignedInRequest, job: Number) -> Any:
    """A job that one has started."""
    return _data(get_object_or_404(_own(request), pk=job))


@router.patch("/jobs/{job}", auth=needs("jobs"), response={200: JobData})
def report_job(request: SignedInRequest, job: Number, report: Report) -> Any:
    """Report how far a job has come, or that it has ended. To say the same end twice is no error."""
    if report.result_url and not is_address(report.result_url):
        raise Problem(422, "A result is at a path or an http(s) address.")
    with transaction.atomic():
        found = get_object_or_404(_own(request).select_for_update(), pk=job)
        if found.state == report.state != "running":
            return _data(found)
        fields = _fields(found, report)
        running = _own(request).running()
        changed = (running.report if report.state == "running" else running.change)(job, **fields)
        if changed is None:
            raise Problem(409, ENDED)
    return _data(changed)


def _fields(job: Job, report: Report) -> dict[str, Any]:
    lines = [*job.log.splitlines(), one_line(report.log, 200)] if report.log.strip() else job.log.splitlines()
    fields: dict[str, Any] = {"log": "\n".join(lines[-LOG_LINES:]), "alive_at": _alive_at(report.silence)}
    fields |= {name: value for name in ("done", "total") if (value := getattr(report, name)) is not None}
    if report.state != "running":
        now = timezone.now()
        fields |= {"state": report.state, "alive_at": now, "ended_at": now}
    if report.state == "failed":
        fields["error"] = one_line(report.error, 300)
    if report.state == "succeeded" and report.result_url:
        fields |= {"result_url": report.result_url, "result_label": one_line(report.result_label, 100)}
    return fields


def _alive_at(silence: int) -> datetime:
    """Return when a job has shown its last sign of life, to be lost after so many seconds from now."""
    return timezone.now() + timedelta(seconds=silence) - LOST_AFTER


def _mark(request: SignedInRequest) -> str:
    """Return what the keys of all jobs begin with that this person's programs have started."""
    return f"api.{request.user.pk}."


def _own(request: SignedInRequest) -> JobQuerySet:
    return Job.objects.filter(key__startswith=_mark(request)).select_related("user")


def _data(job: Job) -> dict[str, Any]:
    fields = {name: getattr(job, name) for name in JobData.model_fields if hasattr(job, name)}
    return fields | {"log": job.log.splitlines(), "is_cancelled": job.cancel_asked_at is not None}
