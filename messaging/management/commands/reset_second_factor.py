"""`manage.py reset_second_factor alice`: for somebody who has lost phone, keys and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from messaging.accounts.people import account_name


class Command(BaseCommand):
    """Takes a person's second factor away, so that the password alone lets them in."""

    help = "Take somebody's second factor away: make sure that it is they who ask for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        deleted, _ = Authenticator.objects.filter(user__username=account_name(username)).delete()
        if not deleted:
            raise CommandError(f"Nobody called {username} has a second factor.")
        self.stdout.write(f"{username} comes in by the password alone.")
