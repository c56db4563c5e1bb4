"""People: how they are called, and whom they may bring."""

from django.conf import settings
from django.contrib.auth.models import User


def display_name(user: User) -> str:
    """Return the name from the person's profile, or else the one they sign in with."""
    return user.first_name or user.username


def may_invite(user: User) -> bool:
    """Return whether they may make links by which others get an account."""
    return settings.SIGN_UP != "closed" and user.is_active and (user.is_staff or settings.MEMBERS_INVITE)
