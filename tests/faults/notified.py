"""Print who has which notifications of a chat: `python -m tests.faults.notified CHAT`, with the site's environment."""

import json
import sys

import django


def main(chat_pk: int) -> None:
    """Print element ids and texts by user name, newest first, and how many messages nobody has been told of."""
    django.setup()
    from messaging.models import Message
    from notifications.models import Notification

    unnotified = Message.objects.filter(chat=chat_pk, notified_at=None).count()
    found = Notification.objects.filter(subject=f"chat.{chat_pk}").order_by("-pk")
    notifications: dict[str, list[tuple[str, str]]] = {}
    for pk, name, text in found.values_list("pk", "inbox__user__username", "text"):
        notifications.setdefault(name, []).append((f"notification-{pk}", text))
    print(json.dumps({"notifications": notifications, "unnotified": unnotified}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
