"""The bell's page, and the same changes that its socket brings for pages without one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications import streams
from notifications.http import SeeOther, SignedInRequest
from notifications.models import Inbox
from notifications.push import mark_read


@require_safe
def notification_list(request: SignedInRequest) -> HttpResponse:
    """Show the newest notifications."""
    inbox = Inbox.objects.of(request.user)
    return render(request, "notifications/list.html", {"page": inbox.notifications.page()})


@require_safe
@never_cache
def changes(request: SignedInRequest) -> HttpResponse:
    """Return the fragments that a page which has seen `?after=` lacks."""
    after = streams.parse_after(request.GET.get("after"))
    return HttpResponse(streams.catch_up(f"user.{request.user.pk}", after))


@require_POST
def read_one(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one notification as read, and go where it leads."""
    notification = get_object_or_404(Inbox.objects.of(request.user).notifications, pk=pk)
    mark_read(request.user, pk=notification.pk)
    return SeeOther(notification.url or "notifications")


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark all notifications as read."""
    mark_read(request.user)
    return SeeOther("notifications")
