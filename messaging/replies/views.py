"""Choose a message to answer: the composer of its chat has it from then on."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from messaging.messages.models import Message
from messaging.replies.field import chosen
from notifications.push import SignedInRequest


@require_safe
def reply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return for the composer what is to be answered; without htmx lead to the chat with it."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    message = get_object_or_404(found, pk=pk)
    if request.htmx:
        return render(request, "messaging/replies/_chosen.html", {"field": chosen(message)})
    else:
        return redirect(f"{message.chat.get_absolute_url()}?reply={message.pk}#composer")
