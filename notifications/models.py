"""What the database keeps, room by room."""

from notifications.announcements.models.announcement import Announcement
from notifications.announcements.models.delivery import Delivery, Receipt
from notifications.api.models import Token
from notifications.doctor.models import Heartbeat
from notifications.inbox.models.inbox import Inbox
from notifications.inbox.models.notification import Notification, Occurrence
from notifications.jobs.models import Job
from notifications.live.models import Version
from notifications.webhooks.models import Webhook, WebhookDelivery

__all__ = [
    "Announcement",
    "Delivery",
    "Heartbeat",
    "Inbox",
    "Job",
    "Notification",
    "Occurrence",
    "Receipt",
    "Token",
    "Version",
    "Webhook",
    "WebhookDelivery",
]
