"""The inbox as a subject of webhooks: its owner's own programs hear what the bell tells them."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from notifications.inbox.bulk import Told
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import Notification
from notifications.live import streams
from notifications.webhooks import recording

CREATED = "notification.created"


class InboxSubject(recording.Subject):
    """`user.<pk>`: everybody's own inbox."""

    events = {CREATED: "The bell tells you of something"}

    def may_manage(self, user: User, pk: int) -> bool:
        return user.pk == pk

    def title(self, user: User, pk: int) -> str:
        return "Notifications"

    def address(self, pk: int) -> str:
        return reverse("notifications:inbox")

    def note(self, pk: int) -> None:
        Inbox.objects.update_or_create(user_id=pk, defaults={"is_hooked": recording.has_any(streams.of_person(pk))})


def told(told: list[Told], **kwargs: Any) -> None:
    """Record what was told to these people, whose inboxes have webhooks, in the transaction that tells it."""
    rows = Notification.objects.in_bulk([each.row for each in told])
    for each in told:
        notification = rows[each.row]
        recording.record([each.inbox.stream], CREATED, lambda row=notification: _data(row))  # type: ignore[misc]


def _data(row: Notification) -> Mapping[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "url": row.url,
        "subject": row.subject,
        "count": row.count,
        "newest_at": row.newest_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
