"""`manage.py invite --days 7 --uses 1`: a link by which somebody makes an account."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from messaging.accounts.invitations import InvitationForm
from messaging.accounts.models.invitation import DAYS, USES, Invitation


class Command(BaseCommand):
    """Makes an invitation as whoever runs the site, who needs no account for that."""

    help = "Print a link by which somebody makes an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help="how long it is good")
        parser.add_argument("--uses", type=int, default=USES, help="for how many people")

    def handle(self, *args: Any, days: int, uses: int, **options: Any) -> None:
        if settings.SIGN_UP == "closed":
            raise CommandError("This site takes nobody new: SIGN_UP is closed.")
        form = InvitationForm({"days": days, "uses": uses})
        if not form.is_valid():
            raise CommandError(" ".join(f"--{name}: {errors.as_text()}" for name, errors in form.errors.items()))
        self.stdout.write(Invitation.objects.make(None, days, uses).link)
