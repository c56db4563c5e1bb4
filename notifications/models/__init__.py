"""What the database keeps, one noun a file."""

from notifications.live.models import Version
from notifications.models.announcement import Announcement, Delivery, Receipt
from notifications.models.heartbeat import Heartbeat
from notifications.models.inbox import Inbox
from notifications.models.job import Job
from notifications.models.notification import Notification, Occurrence

__all__ = ["Announcement", "Delivery", "Heartbeat", "Inbox", "Job", "Notification", "Occurrence", "Receipt", "Version"]
