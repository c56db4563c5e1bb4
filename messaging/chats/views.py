"""Chats: the front page, a chat's page, and what changes a chat itself."""

from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from messaging.chats.forms import MessageForm, PeopleForm, RoomForm, RoomNameForm
from messaging.messages import broadcasts
from messaging.models import Chat
from messaging.views.gone import gone_is_not_found
from notifications.http import SeeOther, SignedInRequest
from notifications.inbox.notify import mark_read
from notifications.live import streams


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show one's chats, and the ways into others."""
    return _home(request)


@require_POST
@gone_is_not_found
def enter(request: SignedInRequest) -> HttpResponse:
    """Lead into the room of a name, which is made if there is none."""
    form = RoomNameForm(request.POST)
    if form.is_valid():
        return SeeOther(Chat.objects.enter(request.user, form.cleaned_data["name"]))
    return _home(request, status=422, room_form=form)


@require_POST
@gone_is_not_found
def direct(request: SignedInRequest) -> HttpResponse:
    """Lead into the direct chat with certain people."""
    form = PeopleForm(request.POST)
    if form.is_valid():
        return SeeOther(Chat.objects.direct([request.user, *form.cleaned_data["people"]]))
    return _home(request, status=422, people_form=form)


def create(request: SignedInRequest) -> HttpResponse:
    """Make a room, open or private."""
    form = RoomForm(request.POST or None)
    if form.is_valid():
        try:
            return SeeOther(Chat.objects.start(request.user, **form.cleaned_data))
        except IntegrityError:
            form.add_error("name", "There is an open room of this name already.")
    return render(request, "messaging/chats/new.html", {"form": form}, status=422 if form.errors else 200)


# Never cached: the form of an old page has been sent already, and its place in the stream is far behind.
@require_safe
@never_cache
@vary_on_headers("HX-Request")
def chat(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a chat's newest messages, or those before a number; htmx gets only the part to put on top."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    before = streams.parse_after(request.GET.get("before")) or None
    if request.htmx:
        return render(
            request, "messaging/messages/_messages.html", {"chat": chat, "history": chat.messages.page_before(before)}
        )
    return chat_page(request, chat, before=before)


@require_safe
@never_cache
def changes(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return the fragments that a page which has seen `?after=` lacks."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    after = streams.parse_after(request.GET.get("after"))
    return HttpResponse(streams.catch_up(chat.stream, after))


@gone_is_not_found
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give one's room another name."""
    chat = get_object_or_404(Chat, pk=pk, memberships__user=request.user, memberships__is_owner=True)
    form = RoomForm(request.POST or None, instance=chat)
    if form.is_valid():
        try:
            chat.rename(form.cleaned_data["name"])
        except IntegrityError:
            form.add_error("name", "There is an open room of this name already.")
        else:
            return SeeOther(chat)
    context = {"chat": chat, "form": form}
    return render(request, "messaging/chats/name.html", context, status=422 if form.errors else 200)


@require_POST
def read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note how far the page has shown the chat to its reader."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    note_read(request.user, chat, streams.parse_after(request.POST.get("number")))
    return HttpResponse(status=204)


def note_read(user: User, chat: Chat, number: int) -> None:
    """Mark a chat as read up to `number`, and what the bell said about it, on all of the person's pages."""
    membership = chat.membership_of(user)
    number = min(number, chat.last_number)
    if membership and membership.mark_read(number):
        broadcasts.read(user.pk, chat.pk, number)
    mark_read(user, subject=chat.stream)


def chat_page(
    request: SignedInRequest, chat: Chat, form: MessageForm | None = None, before: int | None = None
) -> HttpResponse:
    """Render a chat's whole page: live at its newest messages, still at older ones.

    `chat` was read before the messages are, so its `seq` is one the page has surely seen.
    """
    if before is None:
        note_read(request.user, chat, chat.last_number)
    context = {
        "chat": chat,
        "title": chat.title_for(request.user),
        "membership": chat.membership_of(request.user),
        "form": form or MessageForm(),
        "is_live": before is None,
        "history": chat.messages.page_before(before),
    }
    return render(request, "messaging/messages/chat.html", context, status=422 if form else 200)


def _home(request: SignedInRequest, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "room_form": RoomNameForm(),
        "people_form": PeopleForm(),
        "joinable": Chat.objects.joinable_by(request.user)[:100],
        "people": list(User.objects.filter(is_active=True).exclude(pk=request.user.pk).order_by("username")[:200]),
        **forms,
    }
    return render(request, "messaging/chats/home.html", context, status=status)
