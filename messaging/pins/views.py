"""The pinned messages of a chat; pin one, and take that away."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages import parts
from messaging.messages.models import Message
from messaging.pins import models
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits

WAYS = {"1": models.pin, "0": models.unpin}


@require_safe
@gone_is_not_found(Chat)
def pins(request: SignedInRequest, pk: int) -> HttpResponse:
    """List what is pinned in a chat, what was pinned last on top."""
    return _list(request, *Chat.objects.opened_by(request.user, pk))


@require_POST
@gone_is_not_found(Chat, Message)
def pin(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pin a message (`is_on` 1) or take that away (0), as a member; the form's `list` leads back to the list."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat")
    message = get_object_or_404(found, pk=pk)
    chat, membership = Chat.objects.opened_by(request.user, message.chat_id)
    change = WAYS.get(request.POST.get("is_on", ""))
    if membership is None:
        raise Chat.DoesNotExist
    try:
        if change is None:
            raise ValidationError("Say whether to pin this message or to unpin it.", code="no_way")
        limits.take("posts", request.user.pk)
        change(message, request.user)
    except ValidationError as error:
        if request.htmx:
            return HttpResponse(error.messages[0], status=422, content_type="text/plain; charset=utf-8")
        return _list(request, chat, membership, error.messages[0])
    if request.htmx:
        return HttpResponse(status=204)
    return SeeOther("chat-pins", chat.pk) if "list" in request.POST else SeeOther(message.place)


def _list(request: SignedInRequest, chat: Chat, membership: Membership | None, error: str = "") -> HttpResponse:
    pinned = chat.pins.select_related("message__author__called", "message__chat", "by__called")
    rows = pinned.order_by("-created_at", "-pk")[: models.MOST]
    context = {
        "chat": chat,
        "membership": membership,
        "title": chat.title_for(request.user),
        "pins": [(row, parts.lines(row.message.parts)) for row in rows],
        "error": error,
    }
    return render(request, "messaging/pins/list.html", context, status=422 if error else 200)
