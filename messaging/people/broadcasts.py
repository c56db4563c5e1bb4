"""What is pushed about people: how they are just now. A hint, with no place in a stream."""

from django.contrib.auth.models import User

from messaging.presence.broadcasts import followers
from notifications.push import push


def status_changed(person: User) -> None:
    """Push a status to who has a conversation of two with the person, and to pages that list people."""
    push(followers(person.pk), "messaging/push/status.html", {"person": person})
