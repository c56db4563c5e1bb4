"""`manage.py notify alice "Backup finished" --url /backups/7/`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.inbox.notify import notify
from notifications.live import people


class Command(BaseCommand):
    """Put a line into somebody's inbox, from a shell or a script."""

    help = "Notify a person: it shows at once on whatever page they have open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("text")
        parser.add_argument("--url", default="", help="the page it leads to, like /backups/7/")

    def handle(self, *args: Any, username: str, text: str, url: str, **options: Any) -> None:
        user = people.find(username)
        if user is None:
            raise CommandError(f"There is no active person called {username}.")
        if not text.strip():
            raise CommandError("The text is empty.")
        try:
            notify(user, text.strip(), url)
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Notified {username}.")
