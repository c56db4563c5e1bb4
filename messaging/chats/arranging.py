"""How people arrange their list of chats: favourites, and sections that are folded."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from messaging.chats import broadcasts
from messaging.chats.models.chat import Chat
from messaging.chats.models.folding import SECTIONS, Folding
from messaging.chats.models.membership import Membership
from notifications.push import SeeOther, SignedInRequest, limits

WAYS = {"1": True, "0": False}


@require_POST
def favourite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put one's chat among the favourites (`is_on` 1) or take it from there (0)."""
    membership = get_object_or_404(_own(request), chat=pk)
    try:
        membership.set_favourite(_way(request, "is_on"))
    except ValidationError as error:
        return _refusal(error)
    return HttpResponse(status=204) if request.htmx else SeeOther("chat", pk)


@require_POST
def fold(request: SignedInRequest) -> HttpResponse:
    """Fold a `section` of one's list (`is_folded` 1) or unfold it (0)."""
    section = request.POST.get("section", "")
    try:
        is_folded = _way(request, "is_folded")
        if section not in SECTIONS:
            raise ValidationError("The list of chats has no such section.", code="no_section")
    except ValidationError as error:
        return _refusal(error)
    folding = Folding.objects.get_or_create(user=request.user)[0]
    folding.fold(section, is_folded)
    broadcasts.sections_folded(folding)
    return HttpResponse(status=204) if request.htmx else SeeOther("home")


def _own(request: SignedInRequest) -> QuerySet[Membership]:
    return Membership.objects.filter(user=request.user).exclude(chat__kind=Chat.Kind.THREAD)


def _way(request: SignedInRequest, name: str) -> bool:
    way = WAYS.get(request.POST.get(name, ""))
    if way is None:
        raise ValidationError("Say which of the two.", code="no_way")
    limits.take("posts", request.user.pk)
    return way


def _refusal(error: ValidationError) -> HttpResponse:
    return HttpResponse(error.messages[0], status=422, content_type="text/plain; charset=utf-8")
