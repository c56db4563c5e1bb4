"""Chats: the front page, the ways into one, its name, and how far one has read."""

from typing import Any

from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from messaging.accounts.people import search
from messaging.chats import sidebar
from messaging.chats.forms import PeopleForm, RoomForm, RoomNameForm, SearchForm
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.chats.reading import note_read
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits, whole_number

PAGE_SIZE = 20
SHOWN = 12
"""So many rooms and people are on the front page; the others are a page of their own."""


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show one's chats, and the ways into others."""
    return _home(request)


@require_POST
def enter(request: SignedInRequest) -> HttpResponse:
    """Lead into the room of a name, which is made if there is none."""
    form = RoomNameForm(request.POST)
    if form.is_valid() and limits.allowed("chats", request.user.pk, form=form):
        try:
            return SeeOther(Chat.objects.enter(request.user, form.cleaned_data["name"]))
        except Chat.DoesNotExist:
            form.add_error("name", "You cannot go into that room: you were removed from it, or it was just deleted.")
    return _home(request, status=422, room_form=form)


@require_POST
@gone_is_not_found(Chat)
def direct(request: SignedInRequest) -> HttpResponse:
    """Lead into the direct chat with certain people."""
    form = PeopleForm(request.POST)
    is_good = form.is_valid() and form.may_write(request.user)
    if is_good and limits.allowed("chats", request.user.pk, form=form) and form.may_invite(request.user):
        return SeeOther(Chat.objects.direct([request.user, *form.cleaned_data["people"]]))
    return _home(request, status=422, people_form=form)


def create(request: SignedInRequest) -> HttpResponse:
    """Make a room, open or private."""
    form = RoomForm(request.POST or None)
    if form.is_valid() and limits.allowed("chats", request.user.pk, form=form):
        try:
            return SeeOther(Chat.objects.start(request.user, **form.cleaned_data))
        except IntegrityError:
            form.add_error("name", "There is an open room of this name already.")
    return render(request, "messaging/chats/new.html", {"form": form}, status=422 if form.errors else 200)


@gone_is_not_found(Chat)
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give one's room another name."""
    chat = get_object_or_404(Chat.objects.with_member(request.user, is_owner=True), pk=pk)
    form = RoomForm(request.POST or None, instance=chat)
    if form.is_valid():
        try:
            chat.rename(form.cleaned_data["name"], request.user)
        except IntegrityError:
            form.add_error("name", "There is an open room of this name already.")
        else:
            return SeeOther(chat)
    context = {"chat": chat, "form": form}
    return render(request, "messaging/chats/name.html", context, status=422 if form.errors else 200)


@require_POST
def read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note which messages were on the reader's screen: up to `number`, from `first` on or from the beginning.

    A page that has missed that another turn has begun is answered with the chat's entry in the list, which says so.
    """
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    first, number = (whole_number(request.POST.get(name)) or 0 for name in ("first", "number"))
    is_of_now = note_read(request.user, chat, number, first, whole_number(request.POST.get("turn")))
    if not request.htmx:
        return SeeOther(chat)
    return HttpResponse(status=204) if is_of_now else HttpResponse(sidebar.entry_html(request.user.pk, pk))


@require_safe
def rooms(request: SignedInRequest) -> HttpResponse:
    """List the open rooms, page by page: all, or those with what is searched for in their name or topic."""
    form = SearchForm(request.GET)
    is_archive = "archived" in request.GET
    open_rooms = Chat.objects.visible_to(request.user).filter(kind=Chat.Kind.OPEN, archived_at__isnull=not is_archive)
    open_rooms = open_rooms.about(form.typed)
    mine = Exists(Membership.objects.filter(chat=OuterRef("pk"), user=request.user))
    here = Membership.objects.filter(chat=OuterRef("pk")).order_by().values("chat").annotate(n=Count("pk")).values("n")
    shown = open_rooms.annotate(is_mine=mine, members=Coalesce(Subquery(here), 0)).order_by("name_key", "pk")
    page = Paginator(shown, PAGE_SIZE)
    context = {"form": form, "is_archive": is_archive, "page": page.get_page(request.GET.get("page"))}
    return render(request, "messaging/chats/rooms.html", context, status=422 if form.errors else 200)


@require_safe
def entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return a chat as it is put into one's list, where something was said that is not in there."""
    get_object_or_404(Chat.objects.with_member(request.user), pk=pk)
    return HttpResponse(sidebar.entry_html(request.user.pk, pk))


def _home(request: SignedInRequest, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "room_form": RoomNameForm(),
        "people_form": PeopleForm(),
        "joinable": Chat.objects.joinable_by(request.user).in_order()[:SHOWN],
        "people": search("").exclude(pk=request.user.pk)[:SHOWN],
        **forms,
    }
    return render(request, "messaging/chats/home.html", context, status=status)
