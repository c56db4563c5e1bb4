"""People: how they are called, who is meant by a user name, and whom they may bring."""

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.models import User, UserManager
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
    return mark_beside(user.username) if is_marked else ""


def mark_beside(username: str) -> str:
    """Return how the user name is written beside the name that is shown."""
    return f"@{username}"


def is_bot(user: User) -> bool:
    """Return whether it is a program's account; lists read `called` along, as for the mark."""
    called = getattr(user, "called", None)
    return bool(called and called.is_bot)


def as_bot(name: str) -> str:
    """Return how a program's name is written where there is no place for a sign beside it."""
    return f"{name} (bot)"


def display_name(user: User) -> str:
    """Return the name that is shown, and the mark beside it; of a program, that it is one."""
    return as_bot(shown_name(user)) if is_bot(user) else f"{shown_name(user)} {mark(user)}".rstrip()


def called(usernames: Collection[str]) -> QuerySet[User]:
    """Return the people of these user names, in whatever case they are written."""
    keys = {names.fold(name) for name in usernames}
    return User.objects.filter(Q(username__in=usernames) | Q(called__key__in=keys))


def shown_as(shown: Collection[str]) -> dict[str, list[User]]:
    """Return the active people of whom pages show these names, however they are written: by the folded names."""
    people: dict[str, list[User]] = {names.fold(name): [] for name in shown}
    alike = User.objects.filter(is_active=True, called__skeleton__in=set(map(names.skeleton, shown)))
    for user in alike.select_related("called").order_by("username"):
        people.get(names.fold(shown_name(user)), []).append(user)
    return people


def search(typed: str) -> QuerySet[User]:
    """Return the active people that are found by what somebody has typed: everybody, if that is nothing."""
    return User.objects.filter(found_by(typed), is_active=True).select_related("called").order_by("username")


def found_by(typed: str, of: str = "") -> Q:
    """Return the condition that each of the typed words is in a person's names, in whatever case.

    `of` is the way to that person, as `user__`.
    """
    return Q(*((f"{of}called__search_key__contains", word) for word in words(typed)))


def words(typed: str) -> list[str]:
    """Return what is in the folded name that somebody looks for; an @ before it does no harm."""
    return [word.lstrip("@") for word in names.fold(typed).split()]


def account_name(typed: str) -> str:
    """Return the user name of the account that is meant by what somebody has typed; that itself, if there is none."""
    found = set(called([typed]).values_list("username", flat=True))
    return typed if typed in found or not found else found.pop()


def by_user_name(manager: UserManager[User], username: str | None) -> User:
    """Return the account of a user name in whatever case, or raise User.DoesNotExist.

    Django asks so wherever somebody is named: at sign-in, in commands.
    """
    return manager.get(username=account_name(username or ""))


def may_invite(user: User) -> bool:
    """Return whether they may make links by which others get an account."""
    return settings.SIGN_UP != "closed" and user.is_active and (user.is_staff or settings.MEMBERS_INVITE)
