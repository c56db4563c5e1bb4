"""All that somebody has not read, wherever it was said, the oldest first; and all of it read at once."""

import re
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet

from messaging.chats import reading
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message
from notifications.push import together

PAGE_SIZE = 50
MOST = 300
"""So many chats are marked as read at once."""
LONGEST = MOST * 48
"""So many characters say of them what is known."""


def page(user: User, after: int | None = None) -> tuple[list[Message], bool]:
    """Return the oldest unread messages, or those behind one of this primary key, and whether there are more.

    What was said in muted chats is left out.
    """
    read = F("chat__memberships__read_number")
    # No number is left out, so the oldest of all are among the oldest of each chat.
    part = Q(pk__gt=after) if after else Q(number__lte=read + PAGE_SIZE + 1)
    found = Message.objects.filter(part, chat__memberships__in=unread_of(user), number__gt=read)
    rows = list(found.select_related("chat__parent", "chat__root", "author__called").order_by("pk")[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def titles(user: User, messages: Collection[Message]) -> dict[int, str]:
    """Return what the chats of messages are called, by their primary keys."""
    threads = {each.chat_id: each.chat.opening for each in messages if each.chat.is_thread}
    chats = Chat.objects.filter(pk__in={each.chat_id for each in messages} - threads.keys()).listed(user)
    return threads | {chat.pk: chat.title_for(user) for chat in chats}


def known(user: User) -> str:
    """Return what `read_all` is to mark as read: of each chat its newest message, and the turn, as `pk:number:turn …`.

    Of more than MOST chats these are the ones that somebody came into first; the others follow when it is done again.
    """
    rows = unread_of(user).order_by("pk").values_list("chat", "chat__last_number", "turn")[:MOST]
    return " ".join(f"{chat}:{number}:{turn}" for chat, number, turn in rows)


def read_all(user: User, known: str) -> None:
    """Note on all of a person's pages that all of what was `known` to one of them is read, muted chats apart.

    What came since was not there when they saw the list, and what they have marked as unread since stays so.
    """
    until = {chat: (number, turn) for chat, number, turn in _parsed(known)}
    read: dict[int, int] = {}
    # Each by itself: those that several transactions hold at once could keep each other waiting for ever.
    with together():
        for membership in unread_of(user).filter(chat__in=until).select_related("chat"):
            number, turn = until[membership.chat_id]
            number = min(number, membership.chat.last_number)
            if turn == membership.turn and membership.mark_read(number):
                read[membership.chat_id] = number
        reading.read_bell(user, read)


def _parsed(known: str) -> list[tuple[int, ...]]:
    """Return the numbers of what `known` has said, or of what was typed in place of that."""
    typed = re.findall(r"(?<!\S)(\d{1,18}):(\d{1,18}):(\d{1,9})(?!\S)", known[:LONGEST], re.ASCII)
    return [tuple(map(int, each)) for each in typed[:MOST]]


def unread_of(user: User) -> QuerySet[Membership]:
    """Return the memberships in chats that somebody may read, has something unread in, and has not muted."""
    own = Membership.objects.filter(user=user, chat__in=Chat.objects.visible_to(user))
    return own.filter(read_number__lt=F("chat__last_number")).exclude(level=Membership.Level.NOTHING)
