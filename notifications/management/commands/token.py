"""`manage.py token alice --scope write --name CI`: what a program signs in by; `--list alice`, `--revoke 7`."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.http import note_deed
from notifications.live import people
from notifications.models import Token
from notifications.push import Scope

MOST_DAYS = 3650


class Command(BaseCommand):
    """Makes, lists and revokes the tokens of programs, for whoever runs the site."""

    help = "Print a new token of a person's, list those there are, or revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?")
        parser.add_argument("--scope", action="append", default=[], choices=Scope.values, help="may be said repeatedly")
        parser.add_argument("--name", default="", help="what it is for")
        parser.add_argument("--expires", type=int, metavar="DAYS", help="how long it is good; for ever without this")
        parser.add_argument("--list", metavar="USERNAME", help="list somebody's tokens")
        parser.add_argument("--revoke", type=int, metavar="ID", help="revoke the token of this number")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the one thing that was asked for; what is made is printed once, and kept nowhere."""
        asked = [name for name in ("username", "list", "revoke") if options[name] is not None]
        if len(asked) != 1:
            raise CommandError("Name a person to make a token for, or say --list USERNAME or --revoke ID.")
        if options["username"] is not None:
            self._make(**options)
        elif options["list"] is not None:
            self._list(options["list"])
        else:
            self._revoke(options["revoke"])

    def _make(self, username: str, scope: list[str], name: str, expires: int | None, **_: Any) -> None:
        if expires is not None and not 1 <= expires <= MOST_DAYS:
            raise CommandError(f"--expires is from 1 to {MOST_DAYS} days.")
        expires_at = timezone.now() + timedelta(days=expires) if expires else None
        user = _person(username)
        try:
            token, secret = Token.objects.issue(user, name, scope, expires_at)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        note_deed(f"token {token.pk} made from a shell for {', '.join(token.scopes)}", user=user)
        self.stdout.write(secret)

    def _list(self, username: str) -> None:
        for token in Token.objects.filter(user=_person(username)):
            used = f"used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used"
            ends = f"expires {token.expires_at:%Y-%m-%d %H:%M}" if token.expires_at else "never expires"
            self.stdout.write(f"{token.pk}  {','.join(token.scopes)}  {used}  {ends}  {token.name}".rstrip())

    def _revoke(self, pk: int) -> None:
        token = Token.objects.select_related("user").filter(pk=pk).first()
        if token is None:
            raise CommandError(f"There is no token {pk}.")
        note_deed(f"token {pk} revoked from a shell", user=token.user)
        token.revoke()
        self.stdout.write(f"Token {pk} is revoked.")


def _person(username: str) -> Any:
    user = people.find(username)
    if user is None:
        raise CommandError(f"There is no active person called {username}.")
    return user
