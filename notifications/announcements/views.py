"""Announcements: what staff write and send, and the page on which everybody reads one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications.announcements.forms import AnnouncementPageForm
from notifications.announcements.models.announcement import Announcement
from notifications.announcements.models.delivery import Delivery
from notifications.announcements.sending import send_soon
from notifications.http import SeeOther, SignedInRequest, is_seen, note_deed, staff_only
from notifications.inbox.notify import mark_read
from notifications.limits.windows import allowed
from notifications.prose import text

PAGE_SIZE = 25
"""How many sendings a page of the list shows."""
MOST_COMING = 100
"""How many announcements are listed that are to be sent."""
NEWEST_SENDINGS = 25
"""How many of its sendings an announcement's own page shows."""


@require_safe
@staff_only
def announcement_list(request: SignedInRequest) -> HttpResponse:
    """Show what is to be sent and, page by page, what was."""
    coming = list(Announcement.objects.coming()[:MOST_COMING])
    deliveries = Delivery.objects.select_related("announcement").order_by("-pk")
    page = Paginator(deliveries, PAGE_SIZE).get_page(request.GET.get("page"))
    Announcement.objects.label([*coming, *(delivery.announcement for delivery in page)])
    return render(request, "notifications/announcements/list.html", {"coming": coming, "page": page})


# Never cached: the form of an old page has been sent already.
@never_cache
@staff_only
def create(request: SignedInRequest) -> HttpResponse:
    """Announce something, or look first at how it reads."""
    form = AnnouncementPageForm(request.user, request.POST or None, initial={"audience": request.GET.get("to", "")})
    if form.is_valid() and "preview" not in request.POST and allowed("announcements", request.user.pk, form=form):
        try:
            announcement = Announcement.objects.announce(request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            note_deed(f"announcement {announcement.pk} made for {announcement.audience!a}", request)
            send_soon()
            return SeeOther(announcement)
    return _form_page(request, form)


@never_cache
@staff_only
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something else, as long as nobody was sent it; then there is only its page."""
    # A form that is sent too late, or by somebody who may not any more, is shown again, with what was written in it.
    announcement = get_object_or_404(Announcement, pk=pk) if request.method == "POST" else _managed(request, pk)
    if request.method != "POST" and not Announcement.objects.editable().filter(pk=pk).exists():
        messages.info(request, "It has been sent or stopped, and cannot be changed any more.")
        return redirect(announcement)
    form = AnnouncementPageForm(request.user, request.POST or None, instance=announcement)
    if form.is_valid() and "preview" not in request.POST:
        if announcement.change(by=request.user, **form.cleaned_data):
            note_deed(f"announcement {pk} changed", request)
            send_soon()
            return SeeOther(announcement)
        form.add_error(None, "It has been sent, stopped or changed meanwhile. Open it anew to see how it is now.")
    return _form_page(request, form)


@require_safe
def announcement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show an announcement to whom it was sent, and to staff where it stands."""
    announcement = get_object_or_404(Announcement.objects.visible_to(request.user), pk=pk)
    receipts = request.user.receipts.filter(delivery__announcement=announcement)
    if is_seen(request):
        mark_read(request.user, subject=announcement.subject)
    Announcement.objects.label([announcement])
    context = {
        "announcement": announcement,
        "is_managed": announcement.is_managed_by(request.user),
        "receipt": receipts.order_by("-pk").first(),
        "unacknowledged": receipts.unacknowledged().exists(),
        "deliveries": announcement.deliveries.order_by("-pk")[:NEWEST_SENDINGS],
    }
    return render(request, "notifications/announcements/announcement.html", context)


@require_POST
@staff_only
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    announcement = _managed(request, pk)
    announcement.stop(request.user)
    note_deed(f"announcement {pk} stopped", request)
    messages.info(request, "It is stopped: nothing more of it is sent.")
    return SeeOther(announcement)


@require_POST
def acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that the person has read what they were asked to read."""
    asked = Announcement.objects.sent_to(request.user).filter(must_acknowledge=True)
    announcement = get_object_or_404(asked, pk=pk)
    request.user.receipts.filter(delivery__announcement=announcement).acknowledge()
    return SeeOther(announcement)


def _managed(request: SignedInRequest, pk: int) -> Announcement:
    announcement = get_object_or_404(Announcement, pk=pk)
    if not announcement.is_managed_by(request.user):
        raise PermissionDenied
    return announcement


def _form_page(request: SignedInRequest, form: AnnouncementPageForm) -> HttpResponse:
    preview = text.render(form.cleaned_data.get("body", "")) if "preview" in request.POST else None
    context = {"form": form, "preview": preview}
    return render(request, "notifications/announcements/form.html", context, status=422 if form.errors else 200)
