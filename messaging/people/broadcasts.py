"""What is pushed about people: how they are just now. A hint, with no place in a stream."""

from messaging.accounts.models.profile import Profile
from messaging.presence.broadcasts import followers
from notifications.push import push


def status_changed(profile: Profile) -> None:
    """Push a status to who has a conversation of two with the person, and to pages that list people."""
    push(followers(profile.pk), "messaging/push/status.html", {"profile": profile})
