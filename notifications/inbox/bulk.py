"""The inboxes of many people at once, or of one: telling and rewriting in a bounded number of queries."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.dispatch import Signal
from django.utils import timezone

from notifications.inbox import kinds
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import Notification, Occurrence
from notifications.live.door import recheck_streams

PUSH_LIMIT = 20
"""To how many people one change is rendered and pushed; past that the relays fetch it for those who are there."""


telling = Signal()
"""Said with those who are `told` and have webhooks, in the transaction that tells them."""


class Told(NamedTuple):
    """Somebody who has been told of something: their inbox as of that moment, and the row that says it."""

    inbox: Inbox
    row: int


def add_to_all(user_pks: Collection[int], *, key: str | None, text: str, url: str, **about: str) -> list[Told]:
    """Tell these people, who are all there, of something; whoever was told of its `key` before is left out."""
    there = dict(Inbox.objects.filter(pk__in=user_pks).values_list("pk", "is_hooked"))
    new = [Inbox(user_id=pk) for pk in sorted(set(user_pks) - there.keys())]
    Inbox.objects.bulk_create(new, ignore_conflicts=True)
    with transaction.atomic():
        people = set(Inbox.objects.lock(user_pks))
        if key is not None:
            people -= set(Occurrence.objects.filter(inbox__in=people, key=key).values_list("inbox_id", flat=True))
        seqs = _take_seqs(people)
        rows = _repeat(seqs, text, url, **about)
        rows |= _create({pk: seq for pk, seq in seqs.items() if pk not in rows}, text=text, url=url, **about)
        Occurrence.objects.bulk_create(
            Occurrence(inbox_id=pk, notification_id=row, key=key, text=text, url=url) for pk, row in rows.items()
        )
        told = [Told(Inbox(user_id=pk, seq=seqs[pk]), row) for pk, row in rows.items()]
        if hooked := [each for each in told if there.get(each.inbox.pk)]:
            telling.send(Inbox, told=hooked)
    return told


def rewrite_all(key: str, text: str, among: QuerySet[User] | None = None) -> list[int]:
    """Give what was told under a key another text, and the rows that show it too; return whose they are.

    `among` leaves out whoever is not one of them.
    """
    occurrences = Occurrence.objects.filter(key=key)
    if among is not None:
        occurrences = occurrences.filter(inbox__in=among.values("pk"))
    with transaction.atomic():
        people = Inbox.objects.lock(occurrences.values_list("inbox_id", flat=True))
        _take_seqs(people)
        # Not whoever was told since the locking: their inbox takes no seq here.
        occurrences = Occurrence.objects.filter(key=key, inbox__in=people)
        occurrences.update(text=text)
        of_its_row = Occurrence.objects.filter(notification=OuterRef("notification"))
        newest = Subquery(of_its_row.order_by("-pk").values("pk")[:1])
        # Where something newer was folded into the same row, that is what the row says.
        shown = occurrences.filter(pk=newest).values("notification")
        Notification.objects.filter(pk__in=shown).update(text=text, seq=_of_its_inbox())
    return people


def rewrite_subjects(subjects: Collection[str], text: str) -> list[int]:
    """Give all that was ever told about these subjects the same text, which leads nowhere; return whose it is."""
    rows = Notification.objects.filter(subject__in=subjects)
    with transaction.atomic():
        people = Inbox.objects.lock(rows.values_list("inbox", flat=True))
        _take_seqs(people)
        rows = rows.filter(inbox__in=people)
        Occurrence.objects.filter(notification__in=rows).update(text=text, url="")
        rows.update(text=text, url="", seq=_of_its_inbox())
    return people


def push_to_all(inboxes: Collection[Inbox], event: str) -> None:
    """Push the last change of each of these inboxes, or have their pages fetch it when they are many."""
    if len(inboxes) > PUSH_LIMIT:
        recheck_streams()
    else:
        for own in inboxes:
            own.push_changes(event)


def _take_seqs(user_pks: Collection[int]) -> dict[int, int]:
    Inbox.objects.filter(pk__in=user_pks).update(seq=F("seq") + 1)
    return dict(Inbox.objects.filter(pk__in=user_pks).values_list("pk", "seq"))


def _of_its_inbox() -> Subquery:
    return Subquery(Inbox.objects.filter(pk=OuterRef("inbox")).values("seq"))


def _repeat(seqs: dict[int, int], text: str, url: str, *, kind: str, subject: str) -> dict[int, int]:
    """Let the newest row of this kind and subject show what is told: on top, and as new even if it was snoozed."""
    found = Notification.objects.repeatable(kind, subject).filter(inbox__in=seqs)
    rows = dict(found.order_by("newest_at", "pk").values_list("inbox_id", "pk"))
    Notification.objects.filter(pk__in=rows.values()).update(
        text=text,
        url=url,
        count=F("count") + 1,
        seq=_of_its_inbox(),
        newest_at=timezone.now(),
        snoozed_until=None,
        **_as_new(kind),
    )
    return rows


def _create(seqs: dict[int, int], *, kind: str, **fields: str) -> dict[int, int]:
    made = Notification.objects.bulk_create(
        Notification(inbox_id=pk, seq=seq, kind=kind, **_as_new(kind), **fields) for pk, seq in seqs.items()
    )
    return {row.inbox_id: row.pk for row in made}


def _as_new(kind: str) -> dict[str, Any]:
    # What does not ring counts as seen: the bell leaves it out, and no toast shows it.
    return {"seen_at": None if kinds.get(kind).rings else timezone.now()}
