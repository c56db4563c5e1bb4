"""What is kept for later on a site: `python -m tests.faults.waiting CHAT COUNT`, with the site's environment.

With a COUNT, have so many messages of as many members, and as many reminders of theirs, be due from now on. In any case
print the bodies of the chat's messages, what reminders have said, and how much still waits.
"""

import json
import sys
from datetime import timedelta

import django


def main(chat_pk: int, count: int) -> None:
    """Keep it, and print where everything stands."""
    django.setup()
    from django.utils import timezone

    from messaging.models import Chat, Later
    from notifications.models import Notification

    chat, now = Chat.objects.get(pk=chat_pk), timezone.now()
    pks = list(chat.memberships.order_by("user").values_list("user", flat=True))
    for kind in Later.Kind.values:
        Later.objects.bulk_create(
            Later(
                user_id=pks[number % len(pks)],
                kind=kind,
                chat=chat if kind == Later.Kind.MESSAGE else None,
                body=f"later {number}.",
                first_at=now + timedelta(milliseconds=40) * number,
                next_at=now + timedelta(milliseconds=40) * number,
            )
            for number in range(count)
        )
    said = list(chat.messages.order_by("number").values_list("body", flat=True))
    told = list(Notification.objects.filter(kind="reminder").values_list("text", flat=True))
    print(json.dumps({"said": said, "told": told, "waiting": Later.objects.count()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
