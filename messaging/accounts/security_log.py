"""What the security log says of people: who came, who failed to, who went, and what they may do since when."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.http import HttpRequest

from notifications.push import note_deed

RIGHTS = ("is_active", "is_staff", "is_superuser")


def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note_deed("signed in", request, user)


def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    name = credentials.get("username") or credentials.get("email") or ""
    note_deed(f"failed to sign in as {name!a}", request)


def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        note_deed("signed out", request, user)


def account_made(instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        note_deed(f"new account, {_rights(instance)}", user=instance)


def rights_changed(instance: User, raw: bool, update_fields: frozenset[str] | None, **kwargs: Any) -> None:
    """Note who becomes staff or is barred, by whatever page, command or code; asked before it is saved."""
    is_about_rights = update_fields is None or not update_fields.isdisjoint(RIGHTS)
    before = User.objects.filter(pk=instance.pk).first() if is_about_rights and instance.pk and not raw else None
    if before and _rights(before) != _rights(instance):
        note_deed(f"changed account, {_rights(instance)}", user=instance)


def account_deleted(instance: User, **kwargs: Any) -> None:
    note_deed("deleted account", user=instance)


def administered(instance: LogEntry, **kwargs: Any) -> None:
    """Note what staff do in the administration."""
    model = getattr(instance.content_type, "model", "")
    what = f"{instance.get_action_flag_display()} {model} {instance.object_id} {instance.object_repr!a}"
    note_deed(f"administration, {what} {instance.change_message!a}", user=instance.user)


def _rights(user: User) -> str:
    return f"rights {', '.join(name.removeprefix('is_') for name in RIGHTS if getattr(user, name)) or 'none'}"


class NotedPasswords:
    """A validator that refuses nothing: Django tells all validators when somebody has another password."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Take any."""

    def password_changed(self, password: str, user: User) -> None:
        note_deed("new password", user=user)

    def get_help_text(self) -> str:
        return ""
