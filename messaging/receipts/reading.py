"""Who has read what: found by how far people have read, so it costs no write."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message

HIDING = "user__showing__hides_reading"


def sees(user: User, chat: Chat) -> bool:
    """Return whether somebody is shown what others have read in a chat: a member who shows the same."""
    return _shown(chat).filter(user=user).exists()


def readers(message: Message, user: User) -> QuerySet[Membership]:
    """Return who else has read a message, but for its author: members of then and now who show it."""
    found = _shown(message.chat).filter(read_number__gte=message.number, joined_at__lte=message.created_at)
    found = found.filter(user__is_active=True).exclude(user__called__is_bot=True)
    return found.exclude(user__in=[message.author_id, user.pk])


def read_by_other(user: User, chat: Chat) -> int | None:
    """Return how far the other one of two has read, 0 if that is not shown; None if it is no conversation of two."""
    if not chat.is_of_two:
        return None
    read = shown_in(chat)
    return read.get(chat.other_than(user), 0) if user.pk in read else 0


def shown_in(chat: Chat) -> dict[int, int]:
    """Return how far those have read who are in a chat and show it, by their primary keys."""
    return dict(_shown(chat).values_list("user_id", "read_number"))


def _shown(chat: Chat) -> QuerySet[Membership]:
    # Whoever follows a thread may have left the chat that it is of.
    may: dict[str, Any] = {"user__in": chat.readers()} if chat.is_thread else {}
    return Membership.objects.filter(chat=chat, **may).exclude(**{HIDING: True})
