"""People: how they are called, who is meant by a user name, and whom they may bring."""

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from messaging.accounts import names


def shown_name(user: User) -> str:
    """Return the name from the person's profile, or else the one they sign in with."""
    return user.first_name or user.username


def mark(user: User) -> str:
    """Return the `@username` to show beside a name that may be taken for another's, else nothing.

    Lists read their people with `select_related("called")`, or each costs a query.
    """
    called = getattr(user, "called", None)
    is_marked = called.is_marked if called else bool(user.first_name)
    return f"@{user.username}" if is_marked else ""


def display_name(user: User) -> str:
    """Return the name that is shown, and the mark beside it."""
    return f"{shown_name(user)} {mark(user)}".rstrip()


def called(usernames: Collection[str]) -> QuerySet[User]:
    """Return the people of these user names, in whatever case they are written."""
    keys = {names.fold(name) for name in usernames}
    return User.objects.filter(Q(username__in=usernames) | Q(called__key__in=keys))


def account_name(typed: str) -> str:
    """Return the user name of the account that is meant by what somebody has typed; that itself, if there is none."""
    found = set(called([typed]).values_list("username", flat=True))
    return typed if typed in found or not found else found.pop()


def may_invite(user: User) -> bool:
    """Return whether they may make links by which others get an account."""
    return settings.SIGN_UP != "closed" and user.is_active and (user.is_staff or settings.MEMBERS_INVITE)
