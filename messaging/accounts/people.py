"""How people are called."""

from django.contrib.auth.models import User


def display_name(user: User) -> str:
    """Return the name from the person's profile, or else the one they sign in with."""
    return user.first_name or user.username
