"""`manage.py createsuperuser`, by the site's rules for user names."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError
from django.db import IntegrityError

from messaging.accounts.models.name import TAKEN


class Command(createsuperuser.Command):
    """Django's own, which says that a name is taken also where it is so in another case."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except IntegrityError:
            raise CommandError(TAKEN) from None
