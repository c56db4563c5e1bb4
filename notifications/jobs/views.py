"""What a person does with their background tasks; htmx gets the task as it then is, others the page of all."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from notifications.http import SeeOther, SignedInRequest
from notifications.inbox.notify import mark_read
from notifications.jobs import lifecycle as jobs
from notifications.jobs.models import JobQuerySet
from notifications.live import streams
from notifications.models import Job

PAGE_SIZE = 50


@require_safe
@never_cache
def job_list(request: SignedInRequest) -> HttpResponse:
    """Show the tasks that are under way or have just ended, and those of the past, or the ones before `?before=`."""
    own = request.user.jobs.all()
    current = own.on_pages()
    past = own.exclude(pk__in=current.values("pk")).order_by("-pk")
    if before := streams.parse_after(request.GET.get("before")):
        current, past = own.none(), past.filter(pk__lt=before)
    page = list(past[: PAGE_SIZE + 1])
    oldest = page[PAGE_SIZE - 1].pk if len(page) > PAGE_SIZE else None
    context = {"current": current, "past": page[:PAGE_SIZE], "oldest": oldest}
    return render(request, "notifications/jobs/list.html", context)


@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop a task."""
    return _act(request, pk, jobs.cancel)


@require_POST
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start a task again that did not succeed, or say that there are too many of its kind."""
    try:
        return _act(request, pk, jobs.retry)
    except jobs.TooMany as refusal:
        messages.warning(request, str(refusal))
        # Where it was pressed there may be no place for a message.
        return HttpResponseClientRedirect(reverse("jobs")) if request.htmx else SeeOther("jobs")


@require_POST
def dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a task that has ended off one's pages; htmx does it on the one that asks."""
    job = get_object_or_404(request.user.jobs, pk=pk)
    jobs.dismiss(request.user.jobs.all(), job.pk)
    return HttpResponse() if request.htmx else SeeOther("jobs")


@require_POST
def see(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that a page has shown the end of a task."""
    job = get_object_or_404(request.user.jobs, pk=pk)
    jobs.see(request.user.jobs.all(), job.pk)
    mark_read(request.user, subject=job.subject)
    return HttpResponse(status=204)


def _act(request: SignedInRequest, pk: int, verb: Callable[[JobQuerySet, int], Job | None]) -> HttpResponse:
    job = get_object_or_404(request.user.jobs, pk=pk)
    # Somebody who presses a button twice, or late, finds the task as it is by now.
    verb(request.user.jobs.all(), job.pk)
    if request.htmx:
        return render(request, jobs.CARD, {"job": get_object_or_404(request.user.jobs, pk=pk)})
    else:
        return SeeOther("jobs")
