"""One's saved messages: what waits, what is done; save a message, mark it as done, drop it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from messaging.chats.models.chat import Chat
from messaging.messages import parts
from messaging.messages.models import Message
from messaging.saved import models
from messaging.saved.models import SavedList, SavedMessage, SavedQuerySet
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits

PAGE_SIZE = 50
STATES = {"later": models.keep, "done": models.finish, "none": models.drop}


@require_safe
def saved(request: SignedInRequest) -> HttpResponse:
    """List what waits, what was saved last on top; with `done` in the address what is done."""
    is_done = "done" in request.GET
    own = SavedMessage.objects.of(request.user).select_related("message__author__called", "message__chat")
    # A function: the live region asks for them behind its place.
    context = {
        "saved_list": SavedList.objects.get_or_create(pk=request.user.pk)[0],
        "is_done": is_done,
        "listed": lambda: _listed(request, own.done() if is_done else own.later()),
    }
    return render(request, "messaging/saved/list.html", context)


def _listed(request: SignedInRequest, own: SavedQuerySet) -> dict[str, Any]:
    page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    chats = Chat.objects.filter(pk__in={row.message.chat_id for row in rows}).listed(request.user)
    titles = {chat.pk: chat.title_for(request.user) for chat in chats}
    lines = [(row, titles[row.message.chat_id], parts.lines(row.message.parts)) for row in rows]
    return {"page": page, "rows": lines}


@require_POST
@gone_is_not_found(Message)
def save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a message wait in one's list (`state` later), be done there, or be in it no more (none)."""
    message = get_object_or_404(Message.objects.visible_to(request.user).filter(deleted_at=None), pk=pk)
    try:
        _change(request, message)
    except ValidationError as error:
        return HttpResponse(error.messages[0], status=422, content_type="text/plain; charset=utf-8")
    if request.htmx:
        return HttpResponse(status=204)
    return SeeOther("saved") if "list" in request.POST else SeeOther(message.place)


def _change(request: SignedInRequest, message: Message) -> None:
    change = STATES.get(request.POST.get("state", ""))
    if change is None:
        raise ValidationError("Say whether to save this message, or whether it is done.", code="no_state")
    limits.take("posts", request.user.pk)
    change(message, request.user)
