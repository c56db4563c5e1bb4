"""What sockets bring, for pages without one."""

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.http import SignedInRequest, whole_number
from notifications.live import streams


@require_safe
@never_cache
def changes(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Return the fragments that a page which has seen `?after=` lacks, of any stream that the person may follow."""
    name = f"{kind}.{pk}"
    if not streams.is_open_to(request.user.pk, name):
        raise Http404("No such stream for this person.")
    return HttpResponse(streams.catch_up(name, whole_number(request.GET.get("after")) or 0))
