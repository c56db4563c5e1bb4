"""Settings and wiring. Celery's application is loaded along, so that every process finds the queue of its tasks."""

from celery_app import app as celery_app

__all__ = ["celery_app"]
