"""Ringing all of a chat by `@all` or `@here`: confirmed where they are many, forbidden where the owner says so."""

import uuid
from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from messaging.accounts import names
from messaging.chats import mentions
from messaging.chats.models.chat import Chat
from notifications.push import SeeOther, SignedInRequest, text

UNASKED = 20
"""So many people may be rung without being asked whether that is meant."""
FIELD = "ring_all"
FORBIDDEN = "In this room only its owner may ring everybody by @all or @here. Write \\@all if you only mean the word."
MANY = "@%(ring)s rings %(others)s people. If that is meant, say so here, and send it again."


def check(request: SignedInRequest) -> None:
    """Raise ValidationError for a post that would ring everybody, where that is forbidden or has to be confirmed."""
    body, user = request.POST.get("body", ""), request.user
    # What is too long is refused for that.
    if len(body) > text.MAX_LENGTH or not mentions.AT.search(body):
        return
    if not any(ring in names.fold(body) for ring in mentions.RINGS):
        return
    match = request.resolver_match
    chat = Chat.objects.visible_to(user).filter(pk=match.kwargs["pk"]).first() if match else None
    named = mentions.render(body, chat.readers(), user.pk, lambda _: True)[1] if chat else set()
    ring = next((ring for ring in mentions.RINGS if ring in named), None)
    if chat is None or ring is None or _is_sent(user, request.POST.get("client_id", "")):
        return
    if not chat.may_be_rung_by(user):
        raise ValidationError(FORBIDDEN, code="forbidden")
    others = _others(chat, user, ring)
    if others > UNASKED and FIELD not in request.POST:
        raise ValidationError(MANY, code="many", params={"ring": ring, "others": others})


def _others(chat: Chat, user: User, ring: str) -> int:
    if ring == mentions.ALL:
        return chat.memberships.exclude(user=user).count()
    return len(chat.here() - {user.pk})


def _is_sent(user: User, client_id: str) -> bool:
    """Return whether this form has rung already, and only its answer was lost."""
    with suppress(ValueError):
        return user.messages.filter(client_id=uuid.UUID(client_id)).exists()
    return False


@require_POST
def setting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let the members of one's own room ring everybody in it, or no more."""
    own = Chat.objects.with_member(request.user, is_owner=True).exclude(kind=Chat.Kind.DIRECT)
    chat = get_object_or_404(own, pk=pk)
    is_allowed = "may_ring_all" in request.POST
    Chat.objects.filter(pk=chat.pk).update(may_ring_all=is_allowed)
    who = "Everybody in" if is_allowed else "Only the owner of"
    messages.info(request, f"{who} {chat} may ring all of its people by @all, and who is online by @here.")
    return SeeOther("chat-members", pk)
