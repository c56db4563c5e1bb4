"""The notification centre: its page and tray, and what is done to notifications."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from notifications.http import SeeOther, SignedInRequest, is_seen
from notifications.inbox.lists import Listing
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import Notification
from notifications.inbox.snoozing import SnoozeForm

TRAY_SIZE = 20


@require_safe
@never_cache
def notification_list(request: SignedInRequest) -> HttpResponse:
    """Show one of the lists, and so all that is new, if it has that; htmx gets only the list itself."""
    try:
        listing = Listing.parse(request.GET)
    except ValueError:
        raise Http404 from None
    inbox = _inbox(request)
    if request.htmx:
        return render(request, "notifications/inbox/_listing.html", _context(listing, inbox))
    if listing.shows_all_new and is_seen(request):
        inbox.mark_seen()
    # The inbox goes along as it was read before the rows: what comes after that is pushed.
    context = {"inbox": inbox, "page_of": "inbox", **_context(listing, inbox)}
    return render(request, "notifications/inbox/list.html", context)


@require_safe
@never_cache
def tray(request: SignedInRequest) -> HttpResponse:
    return render(request, "notifications/inbox/_listing.html", _context(Listing(), _inbox(request), TRAY_SIZE))


@require_POST
def see_all(request: SignedInRequest) -> HttpResponse:
    """Note that all that is new was on a screen."""
    _inbox(request).mark_seen()
    return _done(request)


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    _inbox(request).mark_read()
    return _done(request)


@require_POST
def archive_read(request: SignedInRequest) -> HttpResponse:
    _inbox(request).archive(read_at__isnull=False, snoozed_until=None)
    return _done(request)


@require_POST
def read_one(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one notification as read and go where it leads; with `read` (1 or 0) only mark it as read or unread."""
    notification = _own(request, pk)
    read = request.POST.get("read", "")
    if read == "0":
        notification.inbox.mark_unread(pk=pk)
    else:
        notification.inbox.mark_read(pk=pk)
    return _done(request) if read else _go(request, notification.address or reverse("notifications:inbox"))


@require_POST
def archive_one(request: SignedInRequest, pk: int) -> HttpResponse:
    """Archive one notification; with `archived` of 0 put it back into the inbox, also if it was snoozed."""
    inbox = _own(request, pk).inbox
    if request.POST.get("archived") == "0":
        inbox.bring_back(pk=pk)
    else:
        inbox.archive(pk=pk)
    return _done(request)


@require_POST
def snooze_one(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put one notification away until a time."""
    inbox, form = _own(request, pk).inbox, SnoozeForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Choose one of the times.\n", status=422, content_type="text/plain")
    inbox.snooze(form.cleaned_data["until"], pk=pk)
    return _done(request)


def _inbox(request: SignedInRequest) -> Inbox:
    return Inbox.objects.of(request.user)


def _own(request: SignedInRequest, pk: int) -> Notification:
    return get_object_or_404(Notification.objects.select_related("inbox"), pk=pk, inbox=request.user.pk)


def _context(listing: Listing, inbox: Inbox, size: int = 50) -> dict[str, Any]:
    page = listing.page(inbox, size)
    return {"listing": listing, "page": page, "older": listing.older(page) if page.has_older else None}


def _done(request: SignedInRequest) -> HttpResponse:
    """Go back to the list; htmx stays, for its page is told of the change as all others are."""
    if request.htmx:
        return HttpResponse(status=204)
    back = request.POST.get("next", "")
    # A path: a bare word would be taken for the name of a page.
    is_safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return SeeOther(back if is_safe else "notifications:inbox")


def _go(request: SignedInRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else SeeOther(url)
