"""Leaving chats: one, or as many as somebody was put into."""

from contextlib import suppress
from typing import cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from messaging.chats import broadcasts
from messaging.chats.forms import SearchForm
from messaging.chats.models.chat import Chat, ChatQuerySet
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, suppress_pushes, whole_number

PAGE_SIZE = 20


@require_POST
@gone_is_not_found(Chat)
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    chat = get_object_or_404(Chat.objects.with_member(request.user), pk=pk)
    title = chat.title_for(request.user)
    try:
        chat.leave(request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return SeeOther("chat-members", pk)
    messages.info(request, f"You have left {title}.")
    return SeeOther("home")


def own_chats(request: SignedInRequest) -> HttpResponse:
    """List one's chats, those one came into last on top; leave one of them or all that are chosen."""
    chosen = {whole_number(pk) or 0 for pk in request.POST.getlist("only") or request.POST.getlist("chat")}
    own = Chat.objects.of(request.user)
    if leaving := own.filter(pk__in=chosen).listed(request.user):
        _leave_all(request, leaving)
        return SeeOther(request.get_full_path())
    form = SearchForm(request.GET)
    found = own.found_by(form.typed).order_by("-joined_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = cast(ChatQuerySet, page.object_list)
    context = {
        "form": form,
        "page": page,
        "chats": [(chat, chat.title_for(request.user)) for chat in shown.listed(request.user)],
        "is_all": "all" in request.GET,
        "is_none_chosen": request.method == "POST",
    }
    is_refused = request.method == "POST" or bool(form.errors)
    return render(request, "messaging/chats/own.html", context, status=422 if is_refused else 200)


def _leave_all(request: SignedInRequest, chats: list[Chat]) -> None:
    left = []
    # The list at the side is shown once in the end, not after each.
    with suppress_pushes():
        for chat in chats:
            # One may have been deleted meanwhile.
            with suppress(Chat.DoesNotExist):
                try:
                    chat.leave(request.user)
                    left.append(chat)
                except ValidationError as error:
                    messages.error(request, error.messages[0])
    broadcasts.chats_changed(request.user.pk)
    if left:
        what = left[0].title_for(request.user) if len(left) == 1 else f"{len(left)} chats"
        messages.info(request, f"You have left {what}.")
