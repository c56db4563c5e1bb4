"""The page of a room, and what its owners and moderators decide there."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.accounts.people import display_name
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.chats.rights import GOVERNING, governed, owned
from messaging.governing.forms import AboutForm, RoleForm, WritingForm
from messaging.governing.removing import remove_message
from messaging.messages.models import Message
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, text


@require_safe
@gone_is_not_found(Chat)
def room(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what a room is for; those who keep it in order decide about it there."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user).rooms(), pk=pk)
    return _room_page(request, chat)


@require_POST
@gone_is_not_found(Chat)
def about(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a room another topic and description."""
    chat = governed(request, pk)
    return _decide(request, chat, chat.describe, about_form=AboutForm(request.POST))


@require_POST
@gone_is_not_found(Chat)
def writing(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decide who may write in one's room, and how often."""
    chat = owned(request, pk)
    return _decide(request, chat, chat.let_write, writing_form=WritingForm(request.POST))


@require_POST
@gone_is_not_found(Chat)
def archive(request: SignedInRequest, pk: int) -> HttpResponse:
    """Archive one's room, or bring it back (`is_on` is 0)."""
    chat, is_on = owned(request, pk), request.POST.get("is_on") != "0"
    chat.archive(request.user, is_on=is_on)
    messages.info(request, f"{chat} is {'archived' if is_on else 'back'}.")
    return SeeOther("chat-room", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Chat)
def kind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whether one's open room is to be private or the other way round, and make it so."""
    chat, error = owned(request, pk), ""
    other = Chat.Kind.PRIVATE if chat.kind == Chat.Kind.OPEN else Chat.Kind.OPEN
    # What the page has asked about, which may be so already.
    asked = request.POST.get("kind")
    if request.method == "POST" and asked == other:
        try:
            chat.change_kind(other, request.user)
        except IntegrityError:
            error = "There is an open room of this name already. Rename this one first."
        else:
            messages.info(request, f"{chat} is {'private' if other == Chat.Kind.PRIVATE else 'open'} now.")
            return SeeOther("chat-room", pk)
    elif request.method == "POST" and asked == chat.kind:
        return SeeOther("chat-room", pk)
    context = {"chat": chat, "other": other, "error": error}
    return render(request, "messaging/governing/kind.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@gone_is_not_found(Chat)
def role(request: SignedInRequest, pk: int, user_pk: int) -> HttpResponse:
    """Give a member of one's room another role."""
    chat, form = owned(request, pk), RoleForm(request.POST)
    user = get_object_or_404(User, pk=user_pk, pk__in=chat.memberships.values("user"))
    try:
        if not form.is_valid():
            raise ValidationError("Choose owner, moderator or member.")
        chosen = Membership.Role(form.cleaned_data["role"])
        chat.set_role(user, chosen, request.user)
        messages.info(request, f"{display_name(user)} is {chosen.label.lower()} of {chat} now.")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return SeeOther("chat-members", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Chat, Message)
def removal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whether a message is to be removed, and remove it."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None)
    message = get_object_or_404(found.select_related("chat__parent", "author__called"), pk=pk)
    if not message.chat.is_governed_by(request.user):
        raise PermissionDenied(GOVERNING)
    if request.method == "POST":
        remove_message(message, request.user)
        messages.info(request, "The message is removed.")
        return SeeOther(message.chat)
    context = {"message": message, "chat": message.chat, "title": message.chat.title_for(request.user)}
    return render(request, "messaging/governing/removal.html", context)


def _decide(request: SignedInRequest, chat: Chat, decide: Callable[..., None], **named: Form) -> HttpResponse:
    (form,) = named.values()
    if not form.is_valid():
        return _room_page(request, chat, **named)
    decide(**form.cleaned_data, by=request.user)
    messages.info(request, "Saved.")
    return SeeOther("chat-room", chat.pk)


def _room_page(request: SignedInRequest, chat: Chat, **forms: Form) -> HttpResponse:
    writing = {"is_announcing": chat.is_announcing, "slow_seconds": chat.slow_seconds}
    context = {
        "chat": chat,
        "membership": chat.membership_of(request.user),
        "description": text.render(chat.description) if chat.description else "",
        "about_form": AboutForm(initial={"topic": chat.topic, "description": chat.description}),
        "writing_form": WritingForm(initial=writing),
        **forms,
    }
    return render(request, "messaging/governing/room.html", context, status=422 if forms else 200)
