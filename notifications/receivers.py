"""What is heard of elsewhere: the end of people's rights goes to every server process, a failed task ends its job."""

from typing import Any

from celery.signals import task_failure
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db.models.signals import post_delete, post_save

from notifications.inbox.bulk import telling
from notifications.jobs import upkeep
from notifications.live.door import recheck_rights
from notifications.live.people import session_store
from notifications.webhooks import inboxes


def connect() -> None:
    """Listen to people, their sessions and Celery."""
    # Signing out and changing the password delete the session's row, also when that is done in the admin.
    if issubclass(session_store(), db.SessionStore):
        post_delete.connect(session_ended, sender=session_store().get_model_class())
    post_save.connect(person_changed, sender=get_user_model())
    post_delete.connect(person_changed, sender=get_user_model())
    task_failure.connect(upkeep.fail_unbegun)
    telling.connect(inboxes.told)


def session_ended(instance: AbstractBaseSession, **kwargs: Any) -> None:
    """Announce that a session is gone, if somebody was signed in by it."""
    if user_pk := session_store()().decode(instance.session_data).get(SESSION_KEY):
        recheck_rights([int(user_pk)])


def person_changed(instance: Any, **kwargs: Any) -> None:
    """Announce that a person may have been deactivated, deleted or given another password."""
    recheck_rights([instance.pk])
