"""People and their sessions, whatever models the project has for them."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet

_held_back: list[Callable[[], Q]] = []


def hold_back(whom: Callable[[], Q]) -> None:
    """Let those of the returned condition follow nothing, though they are signed in.

    Sockets pass by the middleware: what that asks of people before it shows them a page is to be said here too.
    """
    _held_back.append(whom)


def who_may_follow() -> QuerySet[User]:
    """Return the people who may follow what is theirs: the active ones that nothing holds back."""
    people: QuerySet[User] = get_user_model().objects.filter(is_active=True)
    for whom in _held_back:
        people = people.exclude(whom())
    return people


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
