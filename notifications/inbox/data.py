"""Notifications as JSON: what programs are told of a person's inbox."""

from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from notifications.inbox.models.notification import Notification
from notifications.live.streams import Data

PART_SIZE = 100
"""So many notifications are read at once."""

Moment = Annotated[datetime, WithJsonSchema({"type": "string", "format": "date-time"})]


class NotificationData(TypedDict):
    """A notification. `url` is where it leads, a path of this site or a whole address, or empty; `subject` a stream."""

    id: int
    kind: str
    text: str
    url: str
    subject: str
    count: int
    newest_at: Moment
    seen: bool
    read: bool
    archived: bool
    snoozed_until: Moment | None


def data_of(notification: Notification) -> NotificationData:
    """Return a notification as JSON has it."""
    return NotificationData(
        id=notification.pk,
        kind=notification.kind,
        text=notification.text,
        url=notification.address,
        subject=notification.subject,
        count=notification.count,
        newest_at=notification.newest_at,
        seen=notification.seen_at is not None,
        read=notification.read_at is not None,
        archived=notification.archived_at is not None,
        snoozed_until=notification.snoozed_until,
    )


def changed(pk: int, after: int, seq: int) -> Data:
    """Return what changed in an inbox after `after` and up to `seq`: an entry for each change, with all its rows.

    One of more rows than are read at once says only that there was one, and so does one beside the notifications.
    """
    found = Notification.objects.filter(inbox=pk, seq__gt=after, seq__lte=seq).order_by("seq", "pk")
    rows = list(found[: PART_SIZE + 1])
    if len(rows) > PART_SIZE:
        # The last change may go on behind this part.
        cut = rows[PART_SIZE].seq
        rows = [row for row in rows if row.seq < cut]
        seq = rows[-1].seq if rows else cut
    entries: list[dict[str, Any]] = [
        {"seq": at, "type": "notifications", "notifications": [data_of(row) for row in some]}
        for at, some in groupby(rows, key=lambda row: row.seq)
    ]
    if not entries or entries[-1]["seq"] < seq:
        entries.append({"seq": seq, "type": "changed"})
    return Data(seq, entries)
