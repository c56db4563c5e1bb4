"""The service's periodic tasks, for the settings of a project: `CELERY_BEAT_SCHEDULE = {**SCHEDULE, …}`."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "note-beat": {"task": "notifications.tasks.note_beat", "schedule": 30.0},
    "wake-snoozed-notifications": {"task": "notifications.tasks.wake_snoozed", "schedule": 20.0},
    "end-lost-jobs": {"task": "notifications.tasks.end_lost_jobs", "schedule": 5.0},
    "tell-of-ended-jobs": {"task": "notifications.tasks.tell_of_ended_jobs", "schedule": 5.0},
    "queue-forgotten-jobs": {"task": "notifications.tasks.queue_forgotten_jobs", "schedule": 15.0},
    "delete-old-jobs": {"task": "notifications.tasks.delete_old_jobs", "schedule": crontab(hour=4, minute=0)},
    "send-due-announcements": {"task": "notifications.tasks.send_due", "schedule": 15.0},
    "remind-of-announcements": {"task": "notifications.tasks.remind", "schedule": 60.0},
    # What a worker has left in the middle, what the queue did not take, and what is to be tried again.
    "send-webhooks": {"task": "notifications.tasks.send_webhooks", "schedule": 5.0},
    "delete-old-webhook-deliveries": {
        "task": "notifications.tasks.delete_old_webhook_deliveries",
        "schedule": crontab(minute=20),
    },
    "clear-expired-sessions": {"task": "notifications.tasks.clear_expired_sessions", "schedule": 3600.0},
}
