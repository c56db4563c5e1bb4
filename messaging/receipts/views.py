"""Who has read a message."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.chats.models.chat import Chat
from messaging.messages.models import Message
from messaging.receipts.reading import readers, sees
from notifications.push import SignedInRequest, gone_is_not_found

PAGE_SIZE = 50


@require_safe
@never_cache
@gone_is_not_found(Chat, Message)
def message_readers(request: SignedInRequest, pk: int) -> HttpResponse:
    """List who has read a message, for members who show the same of themselves."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat")
    message = get_object_or_404(found, pk=pk)
    if not sees(request.user, message.chat):
        raise Http404
    who = readers(message, request.user).select_related("user__called").order_by("user__username")
    page = Paginator(who, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "messaging/receipts/list.html", {"message": message, "page": page})
