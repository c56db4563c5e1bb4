"""Who is told of a message wherever they are: those it mentions, and members who want to hear of every message."""

from collections import defaultdict
from collections.abc import Callable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from messaging.chats.mentions import ALL, RINGS
from messaging.chats.models.chat import DELETED
from messaging.chats.models.membership import Membership
from messaging.messages import parts
from messaging.messages.models import Message
from notifications.push import MOST_PEOPLE, forget, notify_many

DIRECT, MENTION, ANSWER, MESSAGE = "direct", "mention", "answer", "message"
"""The kinds of what people are told: a direct message, one that names them or is in a thread, or any that they want."""

_told_elsewhere: list[Callable[[Message], Q | None]] = []


def leave_out(told: Callable[[Message], Q | None]) -> None:
    """Have nobody told of a message who is told of the same words elsewhere: `told` says who, if anybody."""
    _told_elsewhere.append(told)


def notify_about(message: Message) -> None:
    """Notify everyone a message is told to, once however often this is called."""
    told = {"url": message.place, "subject": message.chat.stream, "key": message.key}
    for kind, people in _by_kind(message).items():
        for start in range(0, len(people), MOST_PEOPLE):
            notify_many(people[start : start + MOST_PEOPLE], message.line, kind=kind, **told)
    _follow_changes(message)
    # An edit meanwhile may have named somebody else.
    Message.objects.filter(pk=message.pk, changed_seq=message.changed_seq).update(notified_at=timezone.now())


def _by_kind(message: Message) -> dict[str, list[int]]:
    people: dict[str, list[int]] = defaultdict(list)
    other = ANSWER if message.chat.is_thread else MESSAGE
    usual = MENTION if ALL in message.named else other
    told = {int(pk): MENTION for pk in message.named if pk not in RINGS} | parts.told(message.parts)
    for pk in recipients(message).values_list("pk", flat=True):
        kind = DIRECT if message.chat.is_direct else told.get(pk, usual)
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


def recipients(message: Message) -> QuerySet[User]:
    """Return whom a message is told to, by their levels in the chat, and who has not read it yet; deleted, nobody.

    Whom only an edit has named may have read it as it was before. In an open room it reaches people who are not in it.
    """
    memberships = Membership.objects.filter(chat=message.chat)
    named = {pk: seq for pk, seq in message.named.items() if pk not in RINGS}
    later = [pk for pk, seq in named.items() if seq > message.created_seq]
    has_read = Q(read_number__gte=message.number) & ~Q(user__in=later)
    done = memberships.filter(has_read | Q(level=Membership.Level.NOTHING))
    rung = memberships if ALL in message.named else memberships.filter(level=Membership.Level.ALL)
    told = Q(pk__in=rung.values("user"))
    if message.chat.is_thread:
        told &= Q(pk__in=message.chat.readers())
        # Who wants to hear nothing of the chat does so of its threads, unless they follow one.
        silent = Membership.objects.filter(chat=message.chat.parent_id, level=Membership.Level.NOTHING)
        done |= silent.exclude(user__in=memberships.values("user"))
    if reached := {*map(int, named), *parts.told(message.parts)}:
        told |= Q(pk__in=reached) & Q(pk__in=message.chat.readers())
    others = User.objects.filter(told, is_active=True).exclude(called__is_bot=True)
    others = others.exclude(pk=message.author_id).exclude(pk__in=done.values("user"))
    for elsewhere in (found for told_there in _told_elsewhere if (found := told_there(message))):
        others = others.exclude(elsewhere)
    return others.none() if message.deleted_at else others.order_by("pk")
