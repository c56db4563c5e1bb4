"""Rooms as audiences: what staff announce to the members of one."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from messaging.chats.models.chat import Chat, ChatQuerySet
from notifications.push import audiences, whole_number


class RoomAudience(audiences.Audience):
    """`chat.<pk>`: the members of a room. A direct conversation is no audience."""

    title = "Rooms"

    def users(self, pk: int, at: datetime) -> QuerySet[User]:
        """Return the members that the room had at that time and still has."""
        return User.objects.filter(
            chat_memberships__chat=pk, chat_memberships__joined_at__lte=at, chat_memberships__banned_at=None
        )

    def labels(self, pks: Collection[int]) -> dict[int, str]:
        return dict(_rooms().filter(pk__in=pks).values_list("pk", "name"))

    def choices(self, author: User) -> QuerySet[Any, tuple[int, str]]:
        """Return the open rooms, and the private ones that the author is in."""
        return _rooms().visible_to(author).order_by("name_key", "pk").values_list("pk", "name")

    def find(self, name: str) -> list[int]:
        """Return the rooms of this name, however it is written, or, if there are none, the one of this primary key."""
        rooms = _rooms().named(name)
        if not rooms.exists() and (pk := whole_number(name)):
            rooms = _rooms().filter(pk=pk)
        return list(rooms.order_by("pk").values_list("pk", flat=True))


def _rooms() -> ChatQuerySet:
    return Chat.objects.rooms()
