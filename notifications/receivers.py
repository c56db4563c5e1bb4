"""What is heard of elsewhere: the end of people's rights goes to every server process, a failed task ends its job."""

from typing import Any

from celery.signals import task_failure
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save

from notifications.jobs import upkeep
from notifications.live.door import recheck_rights


def connect() -> None:
    """Listen to people, their sessions and Celery."""
    # Signing out and changing the password delete the session's row, also when that is done in the admin.
    post_delete.connect(session_ended, sender=Session)
    post_save.connect(person_changed, sender=get_user_model())
    post_delete.connect(person_changed, sender=get_user_model())
    task_failure.connect(upkeep.fail_unbegun)


def session_ended(instance: Session, **kwargs: Any) -> None:
    """Announce that a session is gone, if somebody was signed in by it."""
    if user_pk := instance.get_decoded().get(SESSION_KEY):
        recheck_rights([int(user_pk)])


def person_changed(instance: Any, **kwargs: Any) -> None:
    """Announce that a person may have been deactivated, deleted or given another password."""
    recheck_rights([instance.pk])
