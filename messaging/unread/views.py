"""Mark messages as unread from one on."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found


@require_POST
@gone_is_not_found(Chat, Message)
def from_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a message and those after it in its chat as unread, as a member; a form leads to the list of chats."""
    message = get_object_or_404(Message.objects.visible_to(request.user).select_related("chat"), pk=pk)
    membership = message.chat.membership_of(request.user)
    if membership is None:
        raise Chat.DoesNotExist
    membership.mark_unread(message.number)
    return HttpResponse(status=204) if request.htmx else SeeOther("home")
