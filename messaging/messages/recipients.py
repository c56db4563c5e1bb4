"""Who is told of a message wherever they are: those it mentions, and members who want to hear of every message."""

import re
from collections import defaultdict

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from messaging.chats.models.chat import DELETED, Chat
from messaging.chats.models.membership import Membership
from messaging.messages.models import Message
from notifications.push import MOST_PEOPLE, forget, notify_many

DIRECT, MENTION, MESSAGE = "direct", "mention", "message"
"""The kinds of what people are told: a direct message, one that names them, or any that they want to hear of."""
MOST_MENTIONED = 50
"""So many names in one message ring bells: what is for more people belongs into a room, or is an announcement."""
NAME = re.compile(r"(?<![\w@/.])@([\w.+-]+)(?![\w@+-])")


def notify_about(message: Message) -> None:
    """Notify everyone a message is told to, once however often this is called."""
    told = {"url": message.chat.get_absolute_url(), "subject": message.chat.stream, "key": message.key}
    for kind, people in _by_kind(message).items():
        for start in range(0, len(people), MOST_PEOPLE):
            notify_many(people[start : start + MOST_PEOPLE], message.line, kind=kind, **told)
    _follow_changes(message)
    Message.objects.filter(pk=message.pk).update(notified_at=timezone.now())


def _by_kind(message: Message) -> dict[str, list[int]]:
    names = mentioned(message.body)
    lower_names = _lower(names)
    people: dict[str, list[int]] = defaultdict(list)
    for pk, username in recipients(message, names).values_list("pk", "username"):
        if message.chat.is_direct:
            kind = DIRECT
        elif username.lower() in lower_names:
            kind = MENTION
        else:
            kind = MESSAGE
        people[kind].append(pk)
    return people


def _follow_changes(message: Message) -> None:
    # An edit or a deletion while it was told may have found nothing to rewrite. The message's row is locked, so one
    # that is being made is waited for, and one that comes later finds what was told, and its text is the last.
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",), no_key=True).select_related("chat", "author__called")
        latest = rows.filter(pk=message.pk).first()
        if latest is None:
            forget([message.chat.stream], DELETED)
        elif latest.changed_seq != latest.created_seq:
            latest.rewrite_notifications()


def recipients(message: Message, names: set[str]) -> QuerySet[User]:
    """Return whom a message is told to, by their levels in the chat, and who has not read it yet; deleted, nobody.

    `names` are those mentioned. In an open room that reaches people who are not in it.
    """
    memberships = Membership.objects.filter(chat=message.chat)
    done = memberships.filter(Q(read_number__gte=message.number) | Q(level=Membership.Level.NOTHING))
    told = Q(pk__in=memberships.filter(level=Membership.Level.ALL).values("user"))
    if names and message.chat.kind == Chat.Kind.OPEN:
        told |= _by_name(names) & ~Q(pk__in=message.chat.bans.values("user"))
    elif names:
        told |= _by_name(names) & Q(pk__in=memberships.values("user"))
    others = User.objects.annotate(lower_name=Lower("username")).filter(told, is_active=True)
    others = others.exclude(pk=message.author_id).exclude(pk__in=done.values("user"))
    return others.none() if message.deleted_at else others.order_by("pk")


def _by_name(names: set[str]) -> Q:
    # As it is written, too: SQLite's LOWER knows only ASCII.
    return Q(username__in=names) | Q(lower_name__in=_lower(names))


def _lower(names: set[str]) -> set[str]:
    return {name.lower() for name in names}


def mentioned(text: str) -> set[str]:
    """Return the first user names after an @, with and without the full stop that may end a sentence."""
    names = set(list(dict.fromkeys(NAME.findall(text)))[:MOST_MENTIONED])
    return names | {name.rstrip(".-+") for name in names}
