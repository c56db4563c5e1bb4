"""The inboxes of many people at once, by the same rules as for one and in a bounded number of queries."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery

from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import Notification, Occurrence

OF_ITS_INBOX = Subquery(Inbox.objects.filter(pk=OuterRef("inbox")).values("seq"))
NEWEST = Subquery(Occurrence.objects.filter(notification=OuterRef("notification")).order_by("-pk").values("pk")[:1])


def add_to_all(user_pks: Collection[int], *, key: str, text: str, url: str, **about: str) -> list[int]:
    """Tell these people of something, each once for a `key`; return those who had not been told before."""
    people = list(User.objects.filter(pk__in=user_pks, is_active=True).order_by("pk").values_list("pk", flat=True))
    Inbox.objects.bulk_create([Inbox(user_id=pk) for pk in people], ignore_conflicts=True)
    with transaction.atomic():
        Inbox.objects.lock(people)
        told = Occurrence.objects.filter(inbox__in=people, key=key).values_list("inbox_id", flat=True)
        seqs = _take_seqs(set(people).difference(told))
        rows = _repeat(seqs, text, url, **about)
        rows |= _create({pk: seq for pk, seq in seqs.items() if pk not in rows}, text=text, url=url, **about)
        Occurrence.objects.bulk_create(
            Occurrence(inbox_id=pk, notification_id=row, key=key, text=text, url=url) for pk, row in rows.items()
        )
    return list(rows)


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
        # Where something newer was folded into the same row, that is what the row says.
        shown = occurrences.filter(pk=NEWEST).values("notification")
        Notification.objects.filter(pk__in=shown).update(text=text, seq=OF_ITS_INBOX)
    return people


def rewrite_subjects(subjects: Collection[str], text: str) -> list[int]:
    """Give all that was ever told about these subjects the same text, which leads nowhere; return whose it is."""
    rows = Notification.objects.filter(subject__in=subjects)
    with transaction.atomic():
        people = Inbox.objects.lock(rows.values_list("inbox", flat=True))
        _take_seqs(people)
        rows = rows.filter(inbox__in=people)
        Occurrence.objects.filter(notification__in=rows).update(text=text, url="")
        rows.update(text=text, url="", seq=OF_ITS_INBOX)
    return people


def _take_seqs(user_pks: Collection[int]) -> dict[int, int]:
    Inbox.objects.filter(pk__in=user_pks).update(seq=F("seq") + 1)
    return dict(Inbox.objects.filter(pk__in=user_pks).values_list("pk", "seq"))


def _repeat(seqs: dict[int, int], text: str, url: str, *, kind: str, subject: str) -> dict[int, int]:
    found = Notification.objects.repeatable(kind, subject).filter(inbox__in=seqs)
    rows = dict(found.order_by("newest_at", "pk").values_list("inbox_id", "pk"))
    Notification.objects.filter(pk__in=rows.values()).update(seq=OF_ITS_INBOX, **Notification.repeated(text, url))
    return rows


def _create(seqs: dict[int, int], **fields: str) -> dict[int, int]:
    made = Notification.objects.bulk_create(Notification(inbox_id=pk, seq=seq, **fields) for pk, seq in seqs.items())
    return {row.inbox_id: row.pk for row in made}
