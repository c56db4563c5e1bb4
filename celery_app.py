"""The Celery application: `celery -A celery_app worker` and `celery -A celery_app beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("bellwire")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def note_beat(**_: Any) -> None:
    """Have it noted at once that beat is at work; the schedule does so only from half a minute on."""
    app.send_task("notifications.tasks.note_beat")
