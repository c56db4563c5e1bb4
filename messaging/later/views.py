"""What waits: one's list; keep a message to be sent later, or a reminder of one; change and cancel them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.chats.models.chat import Chat
from messaging.later.forms import PRESETS, LaterForm
from messaging.later.models import Later, LaterList
from messaging.later.saying import when
from messaging.messages.models import Message
from messaging.messages.saying import in_a_line
from messaging.writing.models import Draft
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits

PAGE_SIZE = 50
LONGEST = 300
"""So many characters are shown of a message that one is to be reminded of."""
NOT_KEPT = ("reply", "files", "new_files", "also")
"""What the composer may have beside a text."""
ONLY_TEXT = "Only a text can be sent later: its files and what it answers stay here, and are not sent with it."


@require_safe
@never_cache
def later(request: SignedInRequest) -> HttpResponse:
    """List what waits, what could not be sent on top, and then what is due next."""
    own = LaterList.objects.get_or_create(pk=request.user.pk)[0]
    # A function: the live region asks for them behind its place.
    return render(request, "messaging/later/list.html", {"later_list": own, "listed": lambda: _listed(request)})


def _listed(request: SignedInRequest) -> dict[str, Any]:
    rows = Later.objects.filter(user=request.user).in_order()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    readable = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    about = readable.in_bulk([row.message_id for row in found if row.message_id])
    pks = {row.chat_id for row in found} | {message.chat_id for message in about.values()}
    chats = Chat.objects.visible_to(request.user).filter(pk__in=pks - {None}).listed(request.user)
    titles = {chat.pk: chat.title_for(request.user) for chat in chats}
    return {"page": page, "rows": [_line(row, about.get(row.message_id or 0), titles) for row in found]}


def _line(row: Later, message: Message | None, titles: dict[int, str]) -> dict[str, Any]:
    chat_pk = message.chat_id if message else row.chat_id
    title = titles.get(chat_pk or 0, "")
    place = message.place if message else reverse("chat", args=[chat_pk]) if title else ""
    return {"later": row, "said": in_a_line(message, LONGEST) if message else "", "title": title, "place": place}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@gone_is_not_found(Chat, User)
def send(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep a message to be sent later; the composer comes with a text (POST), to be asked when."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    about = Later(user=request.user, kind=Later.Kind.MESSAGE, chat=chat)
    if request.method == "POST" and "at" in request.POST:
        form = LaterForm(about, request.POST)
        if _is_kept(request, form):
            Draft.objects.filter(user=request.user, chat=chat).delete()
            return SeeOther(chat)
    else:
        form = LaterForm(about, body=request.POST.get("body", ""))
        if any(request.POST.get(name) for name in NOT_KEPT):
            messages.warning(request, ONLY_TEXT)
    return _page(request, form, chat.get_absolute_url(), chat.title_for(request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@gone_is_not_found(Chat, Message, User)
def remind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep a reminder of a message."""
    readable = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    message = get_object_or_404(readable, pk=pk)
    about = Later(user=request.user, kind=Later.Kind.REMINDER, message=message)
    form = LaterForm(about, request.POST if request.method == "POST" else None)
    if _is_kept(request, form):
        return SeeOther(message.place)
    return _page(request, form, message.place, message.chat.title_for(request.user), in_a_line(message, LONGEST))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@gone_is_not_found(User)
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what waits, or was not sent."""
    own = Later.objects.filter(user=request.user).select_related("user", "chat")
    form = LaterForm(get_object_or_404(own, pk=pk), request.POST if request.method == "POST" else None)
    return SeeOther("later") if _is_kept(request, form) else _page(request, form, reverse("later"), "Later")


@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have something done no more."""
    get_object_or_404(Later, user=request.user, pk=pk).cancel()
    return SeeOther("later")


def _is_kept(request: SignedInRequest, form: LaterForm) -> bool:
    if not (form.is_valid() and limits.allowed("posts", request.user.pk, form=form) and form.save()):
        return False
    done = "It will be sent" if form.later.is_message else "You will be reminded"
    messages.success(request, f"{done} {when(form.first_at, form.cleaned_data['every'])}.")
    return True


def _page(request: SignedInRequest, form: LaterForm, back: str, title: str, said: str = "") -> HttpResponse:
    context = {"form": form, "later": form.later, "presets": PRESETS, "back": back, "title": title, "said": said}
    return render(request, "messaging/later/form.html", context, status=422 if form.errors else 200)
