"""Rooms for those who may decide about them."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from messaging.chats.models.chat import Chat
from notifications.push import SignedInRequest

OWNERS = "Only an owner of this room can do that."
GOVERNING = "Only the owners and moderators of this room can do that."


def owned(request: SignedInRequest, pk: int) -> Chat:
    """Return a room of which the person is an owner; PermissionDenied tells who only sees it, others find none."""
    return _governed(request, pk, is_owner=True)


def governed(request: SignedInRequest, pk: int) -> Chat:
    """Return a room of which the person is an owner or a moderator; raises as `owned` does."""
    return _governed(request, pk, is_owner=False)


def _governed(request: SignedInRequest, pk: int, *, is_owner: bool) -> Chat:
    chat = get_object_or_404(Chat.objects.visible_to(request.user).rooms(), pk=pk)
    own = chat.membership_of(request.user)
    if own is None or not (own.is_owner if is_owner else own.governs):
        raise PermissionDenied(OWNERS if is_owner else GOVERNING)
    return chat
