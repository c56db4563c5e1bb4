"""The people to try Bellwire with: their password stands in the README, so they may exist on this machine alone."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

PASSWORD = "bellwire-demo"  # noqa: S105
PEOPLE = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}


def people() -> list[User]:
    """Return those of them who are there."""
    return list(get_user_model().objects.filter(username__in=PEOPLE))


def open_to_anybody() -> list[str]:
    """Return the names under which anybody who has read the README can sign in."""
    return [user.username for user in people() if user.is_active and user.check_password(PASSWORD)]


class PublishedPasswordValidator:
    """Lets nobody choose the password of the demo people."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise a ValidationError for that one password."""
        if password == PASSWORD:
            raise ValidationError("This password is the one of the demo people, which everybody can read.")

    def get_help_text(self) -> str:
        return ""
