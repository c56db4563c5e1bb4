"""Settings and wiring. Celery's application is loaded along, so that every process finds the queue of its tasks."""

import os

from celery_app import app as celery_app

__all__ = ["celery_app"]

# The database, the secret, the logs and what people export are nobody else's to read, whichever command makes them.
os.umask(os.umask(0o077) | 0o077)
