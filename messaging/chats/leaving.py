"""Leaving chats: one, or as many as somebody was put into."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from messaging.chats import broadcasts
from messaging.chats.models.chat import Chat
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, suppress_pushes, whole_number


@require_POST
@gone_is_not_found(Chat)
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    chat = get_object_or_404(Chat.objects.with_member(request.user), pk=pk)
    title = chat.title_for(request.user)
    chat.release(request.user)
    messages.info(request, f"You have left {title}.")
    return SeeOther("home")


def own_chats(request: SignedInRequest) -> HttpResponse:
    """List one's chats, those one came into last on top; leave one of them or all that are chosen."""
    found = sorted(Chat.objects.list_of(request.user), key=lambda chat: (chat.joined_at, chat.pk), reverse=True)
    only = request.POST.getlist("only")
    chosen = {whole_number(pk) for pk in only or request.POST.getlist("chat")}
    leaving = [chat for chat in found if chat.pk in chosen]
    if leaving:
        _leave_all(request, leaving)
        return SeeOther("own-chats")
    context = {
        "chats": [(chat, chat.title_for(request.user)) for chat in found],
        "is_all": "all" in request.GET,
        "is_none_chosen": request.method == "POST",
    }
    return render(request, "messaging/chats/own.html", context, status=422 if request.method == "POST" else 200)


def _leave_all(request: SignedInRequest, chats: list[Chat]) -> None:
    # The list at the side is shown once in the end, not after each.
    with suppress_pushes():
        for chat in chats:
            # One may have been deleted meanwhile.
            with suppress(Chat.DoesNotExist):
                chat.release(request.user)
    broadcasts.chats_changed(request.user.pk)
    left = chats[0].title_for(request.user) if len(chats) == 1 else f"{len(chats)} chats"
    messages.info(request, f"You have left {left}.")
