"""What a link to a message shows of it, to those who may read it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from messaging.messages.models import Message
from messaging.messages.saying import in_a_line
from notifications.push import SignedInRequest

LONGEST = 300
"""So many characters of a message are quoted."""


@require_safe
def quote(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return who said what and where, for the page that links to it; without htmx lead there."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    message = get_object_or_404(found, pk=pk)
    if not request.htmx:
        return redirect(message.place)
    title, line = message.chat.title_for(request.user), in_a_line(message, LONGEST)
    return render(request, "messaging/links/_quote.html", {"message": message, "title": title, "line": line})
