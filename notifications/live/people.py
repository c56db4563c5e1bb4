"""People and their sessions, whatever models the project has for them."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist


def find(name: str) -> User | None:
    """Return the active person who signs in by this name, or None."""
    try:
        user: User = get_user_model().objects.get_by_natural_key(name)
    except ObjectDoesNotExist:
        return None
    return user if user.is_active else None


def session_store() -> Any:
    """Return the class of the project's sessions."""
    return import_module(settings.SESSION_ENGINE).SessionStore
