"""Make people who may lose their rights, each of whom nobody else relies on. Run with the site's environment.

`python -m tests.faults.guests CHAT COUNT`: they are members of the chat, have a password, and are signed in on two
devices; prints them as JSON.
"""

import json
import sys
import uuid

import django

PASSWORD = "swordfish-and-chips"


def main(chat_pk: int, count: int) -> None:
    """Make the guests and print who they are."""
    django.setup()
    from django.contrib.auth.models import User

    from messaging.models import Chat
    from tests.faults.populate import session_of

    chat = Chat.objects.get(pk=chat_pk)
    guests = []
    for _ in range(count):
        user = User.objects.create_user(f"guest{uuid.uuid4().hex[:12]}", password=PASSWORD)
        chat.admit(user)
        sessions = [session_of(user) for _ in range(2)]
        guests.append({"name": user.username, "pk": user.pk, "sessions": sessions})
    print(json.dumps(guests))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
