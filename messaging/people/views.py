"""People: one's profile as others see it, how one is just now, and whom one does not want to hear."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.accounts.models.block import is_blocked
from messaging.accounts.models.profile import Profile, profile_of
from messaging.accounts.people import search
from messaging.people import blocking, broadcasts
from messaging.people.forms import StatusForm
from messaging.reactions.part import QUICK
from notifications.push import SeeOther, SignedInRequest, limits

PAGE_SIZE = 20
SUGGESTED = ("📅", "🏠", "🌴", "🤒", "🚌", "🍽️", "🎧", *QUICK)
"""Emoji to choose from; any other one does as well."""


@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what there is to know of somebody, to whoever sees the list of people."""
    found = get_object_or_404(search("").select_related("profile", "time_zone"), pk=pk)
    zone = found.time_zone.known if hasattr(found, "time_zone") else None
    context = {
        "person": found,
        "zone": zone,
        "there": f"{timezone.localtime(timezone=zone):%H:%M}" if zone else "",
        "is_blocked": found != request.user and is_blocked(pk, by=request.user.pk),
    }
    return render(request, "messaging/people/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: SignedInRequest) -> HttpResponse:
    """Show and set one's status; `clear` clears it."""
    form = StatusForm(request.POST if request.method == "POST" else None, initial=_initial(profile_of(request.user)))
    if "clear" in request.POST:
        return _keep(request, {"emoji": "", "status": "", "status_until": None})
    if form.is_valid():
        return _keep(request, form.fields_to_keep)
    context = {"form": form, "suggested": SUGGESTED}
    return render(request, "messaging/people/status.html", context, status=422 if form.errors else 200)


@require_POST
def block(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have somebody write no more in the conversation of the two (`is_on` 1), or again (0)."""
    limits.take("showing", request.user.pk)
    if request.POST.get("is_on") == "1":
        found = get_object_or_404(search("").exclude(pk=request.user.pk), pk=pk)
        blocking.block(request.user, found)
        messages.success(request, "Blocked.")
        return SeeOther("person", pk)
    # Whose account is inactive by now is listed nowhere else.
    if not request.user.blocks.filter(blocked=pk).delete()[0]:
        raise Http404
    messages.success(request, "Not blocked any more.")
    return SeeOther("blocked")


@require_safe
def blocked(request: SignedInRequest) -> HttpResponse:
    """List whom one has blocked, page by page."""
    own = request.user.blocks.select_related("blocked__called").order_by("-pk")
    page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "messaging/people/blocked.html", {"page": page})


def _initial(profile: Profile) -> dict[str, str]:
    return {"emoji": profile.emoji, "status": profile.status} if profile.has_status else {}


def _keep(request: SignedInRequest, fields: dict[str, object]) -> HttpResponse:
    limits.take("showing", request.user.pk)
    profile, _ = Profile.objects.update_or_create(user=request.user, defaults=fields)
    broadcasts.status_changed(profile)
    return SeeOther("person", request.user.pk)
