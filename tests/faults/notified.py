"""Print who has which notifications of a chat: `python -m tests.faults.notified CHAT`, with the site's environment."""

import json
import sys

import django

OWNER = "inbox__user__username"


def main(chat_pk: int) -> None:
    """Print by user name what was told and the ids of the rows that tell it, newest first, and what nobody was told."""
    django.setup()
    from django.db.models import Count, F

    from messaging.models import Message
    from notifications.models import Notification, Occurrence

    subject = f"chat.{chat_pk}"
    rows: dict[str, list[str]] = {}
    for pk, name in Notification.objects.filter(subject=subject).latest_first().values_list("pk", OWNER):
        rows.setdefault(name, []).append(f"notification-{pk}")
    told: dict[str, list[str]] = {}
    for name, text in Occurrence.objects.filter(notification__subject=subject).values_list(OWNER, "text"):
        told.setdefault(name, []).append(text)
    counted = Notification.objects.filter(subject=subject).annotate(happened=Count("occurrences"))
    miscounted = list(counted.exclude(count=F("happened")).values_list(OWNER, flat=True))
    unnotified = Message.objects.filter(chat=chat_pk, notified_at=None).count()
    print(json.dumps({"rows": rows, "told": told, "miscounted": miscounted, "unnotified": unnotified}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
