"""`manage.py push_doctor`: does a push get from here to a page?"""

import os
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from notifications.doctor.checks import Level, Patient, examine
from notifications.http import root

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound to it
"""Where who listens on all addresses can be asked from the same machine."""


class Command(BaseCommand):
    """Try every part of a push's way for real. The exit code is 0 when all of it works, else 1."""

    help = "Try a push's whole way: Redis, Celery, clocks, versions, and a real socket of the running site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=_own_url(), help="where the site runs (default: %(default)s)")
        parser.add_argument("--user", default="", help="whose socket is opened (default: somebody's)")

    def handle(self, *args: Any, url: str, user: str, **options: Any) -> None:
        """Print what each check finds, and end with 1 if one of them fails."""
        if not _is_url(url):
            raise CommandError(f"--url is like https://chat.example.org, not {url!r}.")
        failures = 0
        for finding in examine(Patient(url.rstrip("/"), user)):
            self.stdout.write(f"{finding.level:<4}  {finding.text}")
            if finding.advice:
                self.stdout.write(f"      {finding.advice}")
            failures += finding.level is Level.FAILURE
        if failures:
            raise CommandError(f"{failures} of these keep pushes from pages.")
        self.stdout.write("Pushes reach pages.")


def _own_url() -> str:
    """Return where HOST and PORT say that the site runs, by a name that it goes by, or else where `runserver` does."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    host = LOOPBACK.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{root().rstrip('/')}"


def _is_url(url: str) -> bool:
    try:
        site = urlsplit(url)
        return site.scheme in {"http", "https"} and bool(site.hostname) and site.port != 0
    except ValueError:  # a bracket without its other one, or a port that is none
        return False
