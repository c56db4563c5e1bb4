"""Reminding those who have not acknowledged an announcement yet."""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notifications.announcements import audiences
from notifications.announcements.models.announcement import Announcement
from notifications.announcements.models.delivery import Receipt, ReceiptQuerySet
from notifications.announcements.sending import BREATH, CHUNK, tell_of
from notifications.inbox.models.inbox import Inbox

OF_A_DELIVERY = attrgetter("delivery_id")
OF_A_LINE = attrgetter("delivery_id", "reminders")
"""Those who get the same line: the key of a reminder has its number, so that it is one however often this runs."""


def remind() -> bool:
    """Remind some of those who have yet to acknowledge; return whether there may be more of them."""
    now = timezone.now()
    reminding = Announcement.objects.filter(must_acknowledge=True, remind_hours__isnull=False, cancelled_at=None)
    every = reminding.values_list("remind_hours", flat=True).distinct()
    if is_more := any(_remind_batch(hours, now) for hours in every if hours):
        time.sleep(BREATH)
    return is_more


def _remind_batch(hours: int, now: datetime) -> bool:
    with transaction.atomic():
        due = Receipt.objects.to_remind(hours, now).select_related("delivery__announcement")
        locked = due.select_for_update(of=("self",), skip_locked=True)
        batch = list(locked.order_by("reminded_at")[:CHUNK])
        # Of those who have left as well: the next batch would begin with them again.
        _all(batch).update(reminded_at=now)
        _tell_again(_still_there(batch))
    return len(batch) == CHUNK


def _still_there(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the receipts of people who have not left the audience since, with one query for each delivery."""
    found = []
    for _, group in groupby(sorted(receipts, key=OF_A_DELIVERY), key=OF_A_DELIVERY):
        own = list(group)
        delivery = own[0].delivery
        audience = audiences.users(delivery.announcement.audience, delivery.created_at)
        there = set(audience.filter(pk__in=[each.user_id for each in own]).values_list("pk", flat=True))
        found += [each for each in own if each.user_id in there]
    return found


def _tell_again(receipts: Sequence[Receipt]) -> None:
    _all(receipts).update(reminders=F("reminders") + 1)
    # All at once and in order: group by group, this could wait for somebody who waits for it.
    Inbox.objects.lock([each.user_id for each in receipts])
    for (_, number), group in groupby(sorted(receipts, key=OF_A_LINE), key=OF_A_LINE):
        own = list(group)
        delivery = own[0].delivery
        text = f"Reminder: please acknowledge {delivery.announcement}"
        tell_of(delivery, [each.user_id for each in own], text, key=f"delivery.{delivery.pk}.{number + 1}")


def _all(receipts: Sequence[Receipt]) -> ReceiptQuerySet:
    return Receipt.objects.filter(pk__in=[each.pk for each in receipts])
