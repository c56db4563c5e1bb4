"""The push service: pushes to groups, streams without gaps, and everyone's inbox."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Registers the inbox as a stream and watches for what ends a person's rights."""

    name = "notifications"

    def ready(self) -> None:
        """Connect what other modules only import at run time."""
        from notifications import receivers as signals
        from notifications.announcements import sending as announcements
        from notifications.inbox import stream as inbox
        from notifications.jobs import lifecycle as jobs
        from notifications.live import regions as live
        from notifications.live import streams
        from notifications.models import Announcement, Delivery

        signals.connect()
        streams.register("user", inbox.InboxStream())
        inbox.followers.append(jobs.Panel())
        live.register(Announcement, visible_to=announcements.staff)
        live.register(Delivery, visible_to=announcements.staff)
