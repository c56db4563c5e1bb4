"""The settings of a site that is put to the test: the product's own, and apps that can handicap it and look into it."""

import os

from project.settings import *  # noqa: F403
from project.settings import (
    CELERY_BEAT_SCHEDULE,
    CELERY_BROKER_TRANSPORT_OPTIONS,
    CHANNEL_LAYERS,
    INSTALLED_APPS,
)

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.handicaps.Handicaps", "tests.faults.gauges.Gauges"]

if os.environ.get("LOSSES"):
    CHANNEL_LAYERS["default"]["BACKEND"] = "tests.faults.lossy.LossyLayer"

# The tests' own workers take the tasks, and nobody wants to wait for the sweeper or the broker as long as a site can.
if queue := os.environ.get("TASK_QUEUE"):
    CELERY_TASK_ROUTES = {"messaging.tasks.*": {"queue": queue}}
    CELERY_BEAT_SCHEDULE["sweep-unnotified-messages"]["schedule"] = 2.0
if seconds := os.environ.get("VISIBILITY_TIMEOUT"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "visibility_timeout": int(seconds),
        "unacked_mutex_expire": 2,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
