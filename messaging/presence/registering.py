"""Makes presence known to pages that list people, and to @here."""

from messaging.chats import mentions
from messaging.presence import pages
from messaging.presence.streams import PresenceStream
from notifications.push import streams


def register() -> None:
    streams.register("presence", PresenceStream())
    mentions.find_here(pages.online)
