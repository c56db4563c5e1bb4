"""Reactions for programs."""

from typing import Annotated

from ninja import Field

from messaging.messages.api import visible
from messaging.messages.data import MessageData, data_of
from messaging.reactions import part
from notifications.push import SignedInRequest, api, limits

router = api.Router(tags=["Reactions"])
Emoji = Annotated[str, Field(max_length=100, description="One emoji, or its name, as in :rocket:."), api.STORABLE]


@router.put("/messages/{message}/reactions/{emoji}", auth=api.needs("write"), response=MessageData)
def react(request: SignedInRequest, message: api.Number, emoji: Emoji) -> MessageData:
    """Put one's reaction beneath a message."""
    return _react(request, message, emoji, is_on=True)


@router.delete("/messages/{message}/reactions/{emoji}", auth=api.needs("write"), response=MessageData)
def unreact(request: SignedInRequest, message: api.Number, emoji: Emoji) -> MessageData:
    """Take one's reaction away."""
    return _react(request, message, emoji, is_on=False)


def _react(request: SignedInRequest, pk: int, emoji: str, *, is_on: bool) -> MessageData:
    message = visible(request, pk)
    limits.take("reactions", request.user.pk)
    part.react(message, request.user, part.clean(emoji), is_on)
    return data_of(message)
