"""Who has reacted to a message, and with what; react to it, and take that back."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from messaging.messages.models import Message
from messaging.reactions import part
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits

WAYS = {"1": True, "0": False}


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Message)
def reactions(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show them, with what is at hand; a POST puts `emoji` beneath the message, or takes it away (`is_on` 1 or 0)."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    message = get_object_or_404(found, pk=pk)
    typed, error = request.POST.get("emoji", ""), None
    if request.method == "POST":
        try:
            limits.take("reactions", request.user.pk)
            part.react(message, request.user, part.clean(typed), WAYS.get(request.POST.get("is_on", "")))
        except ValidationError as refused:
            error = refused.messages[0]
        else:
            return HttpResponse(status=204) if request.htmx else SeeOther(message.place)
    template = "messaging/reactions/_picker.html" if request.htmx else "messaging/reactions/page.html"
    context = {"message": message, "title": message.chat.title_for(request.user), "typed": typed, "error": error}
    context |= _chosen(message, request.user.pk)
    return render(request, template, context, status=422 if error else 200)


def _chosen(message: Message, user_pk: int) -> dict[str, object]:
    value: part.Reactions = message.parts.get(part.NAME, [])
    found = part.names({pk for _, people in value for pk in people})
    chips = [
        {**part.chip(sign, people, found), "names": [found[pk] for pk in people if pk in found]}
        for sign, people in value
    ]
    own = {sign for sign, people in value if user_pk in people}
    others = [sign for sign, _ in value if sign not in part.QUICK]
    return {"chips": chips, "quick": [(sign, sign in own) for sign in (*part.QUICK, *others)]}
