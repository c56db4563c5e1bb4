"""What a person does with their background tasks; htmx gets the task as it then is, others the page of all."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from notifications.http import SeeOther, SignedInRequest, whole_number
from notifications.inbox.notify import mark_read
from notifications.jobs.limits import TooMany

PAGE_SIZE = 50


@require_safe
@never_cache
def job_list(request: SignedInRequest) -> HttpResponse:
    """Show the tasks that are under way or have just ended, and those of the past, or the ones before `?before=`."""
    own = request.user.jobs.all()
    current = own.on_pages()
    past = own.exclude(pk__in=current.values("pk")).order_by("-pk")
    if before := whole_number(request.GET.get("before")):
        current, past = own.none(), past.filter(pk__lt=before)
    page = list(past[: PAGE_SIZE + 1])
    oldest = page[PAGE_SIZE - 1].pk if len(page) > PAGE_SIZE else None
    context = {"page_of": "jobs", "current": current, "past": page[:PAGE_SIZE], "oldest": oldest}
    return render(request, "notifications/jobs/list.html", context)


@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    get_object_or_404(request.user.jobs, pk=pk)
    request.user.jobs.cancel(pk)
    return _show(request, pk)


@require_POST
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start a task again that did not succeed, or say that there are too many of its kind."""
    get_object_or_404(request.user.jobs, pk=pk)
    try:
        request.user.jobs.retry(pk)
    except TooMany as refusal:
        messages.warning(request, str(refusal))
        # Where it was pressed there may be no place for a message.
        address = reverse("notifications:jobs")
        return HttpResponseClientRedirect(address) if request.htmx else SeeOther(address)
    return _show(request, pk)


@require_POST
def dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a task that has ended off one's pages; htmx does it on the one that asks."""
    get_object_or_404(request.user.jobs, pk=pk)
    request.user.jobs.dismiss(pk)
    return HttpResponse() if request.htmx else SeeOther("notifications:jobs")


@require_POST
def see(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that a page has shown the end of a task."""
    job = get_object_or_404(request.user.jobs, pk=pk)
    request.user.jobs.see(pk)
    mark_read(request.user, subject=job.subject)
    return HttpResponse(status=204)


def _show(request: SignedInRequest, pk: int) -> HttpResponse:
    # Somebody who presses a button twice, or late, finds the task as it is by now.
    if request.htmx:
        job = get_object_or_404(request.user.jobs, pk=pk)
        return render(request, "notifications/push/job.html", {"job": job})
    else:
        return SeeOther("notifications:jobs")
