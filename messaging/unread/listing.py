"""All that somebody has not read, wherever it was said, the oldest first; and all of it read at once."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from messaging.chats import broadcasts, reading
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message

PAGE_SIZE = 50


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


def newest() -> int:
    """Return the primary key of the newest message of all: what is marked as read at once goes no further."""
    return Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def read_all(user: User, until: int) -> None:
    """Note on all of a person's pages that all they have not read is read, muted chats apart.

    What is newer than the message of the primary key `until` was not there when they saw the list.
    """
    with transaction.atomic():
        last = Message.objects.filter(chat=OuterRef("chat"), pk__lte=until).order_by("-number").values("number")[:1]
        own = unread_of(user)
        chats = list(own.values_list("chat", flat=True))
        own.update(read_number=Greatest("read_number", Coalesce(Subquery(last), "read_number")))
    reading.read_bell(
        user, dict(Membership.objects.filter(user=user, chat__in=chats).values_list("chat", "read_number"))
    )
    broadcasts.chats_changed(user.pk)


def unread_of(user: User) -> QuerySet[Membership]:
    """Return the memberships in chats that somebody may read, has something unread in, and has not muted."""
    own = Membership.objects.filter(user=user, chat__in=Chat.objects.visible_to(user))
    return own.filter(read_number__lt=F("chat__last_number")).exclude(level=Membership.Level.NOTHING)
