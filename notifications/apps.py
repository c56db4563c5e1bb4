"""The push service: pushes to groups, streams without gaps, and everyone's inbox."""

from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    """Registers the inbox as a stream and watches for what ends a person's rights."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import checks, receivers
        from notifications.announcements import audiences, sending
        from notifications.inbox import kinds
        from notifications.inbox.stream import InboxStream, add_follower
        from notifications.jobs import lifecycle as jobs
        from notifications.live import regions, streams
        from notifications.models import Announcement, Delivery
        from notifications.webhooks import inboxes, recording

        register(checks.check)
        receivers.connect()
        streams.register(streams.OF_A_PERSON, InboxStream())
        recording.register(streams.OF_A_PERSON, inboxes.InboxSubject())
        add_follower(jobs.Panel())
        regions.register(Announcement, visible_to=audiences.staff)
        regions.register(Delivery, visible_to=audiences.staff)
        kinds.register(sending.KIND, "Announcement", "notifications/icons/kind-announcement.svg")
        kinds.register(jobs.KIND, "Background task", "notifications/icons/kind-job.svg")
        kinds.register(kinds.NOTE, "Note", "notifications/icons/kind-note.svg")
