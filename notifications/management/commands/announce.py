"""`manage.py announce --all "Maintenance tonight" --at "2026-12-24 22:00"`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.announcements import audiences
from notifications.announcements.forms import AnnouncementForm
from notifications.announcements.sending import send_soon
from notifications.live import people
from notifications.models import Announcement


class Command(BaseCommand):
    """Announce something from a shell or a script, by the rules of the page."""

    help = "Announce something to everybody, to a group or to a room: now, later or again and again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what, to whom and when. What does not fit together is refused by `handle`, in one line."""
        parser.add_argument("title", nargs="?", default="")
        parser.add_argument("--all", action="store_true", help="to everybody")
        for kind in audiences.kinds:
            parser.add_argument(f"--{kind}", metavar="NAME", help=f"to the people of a {kind}, by its name")
        parser.add_argument("--body", default="", help="more than the title says, in limited Markdown")
        parser.add_argument("--body-file", metavar="FILE", help="a file that has the body; - is the standard input")
        parser.add_argument("--at", default="", metavar="TIME", help="like 2026-12-24 09:00, by the site's clock")
        parser.add_argument("--every", default="", metavar="day|week|month", help="send it again and again")
        parser.add_argument("--acknowledge", action="store_true", help="ask everybody to acknowledge it")
        parser.add_argument("--remind", default="", metavar="HOURS", help="remind them until they have acknowledged")
        parser.add_argument("--author", metavar="USERNAME", help="one of the staff; else the first of them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Announce it and say what comes of it, or say why not."""
        author = _author(options["author"])
        form = AnnouncementForm(
            author,
            {
                "audience": _audience(options),
                "title": options["title"],
                "body": _body(options["body"], options["body_file"]),
                "first_at": options["at"],
                "every": options["every"],
                "must_acknowledge": options["acknowledge"],
                "remind_hours": options["remind"],
            },
        )
        if not form.is_valid():
            raise CommandError(" ".join(str(message) for messages in form.errors.values() for message in messages))
        announcement = Announcement.objects.announce(author, **form.cleaned_data)
        send_soon()
        self.stdout.write(_outlook(announcement))


def _author(username: str | None) -> User:
    staff = get_user_model().objects.filter(is_active=True, is_staff=True).order_by("-is_superuser", "pk")
    author = people.find(username) if username else staff.first()
    if author is None or not author.is_staff:
        raise CommandError(
            f"Nobody of the staff is called {username}." if username else "There is nobody in the staff."
        )
    return author


def _audience(options: dict[str, Any]) -> str:
    named = {kind: options[kind] for kind in audiences.kinds if options[kind] is not None}
    if options["all"] + len(named) != 1:
        choice = ", ".join(["--all", *(f"--{kind}" for kind in audiences.kinds)])
        raise CommandError(f"Say to whom, by one of {choice}.")
    if options["all"]:
        return audiences.ALL
    [(kind, name)] = named.items()
    found = [f"{kind}.{pk}" for pk in audiences.kinds[kind].find(name)]
    if not found:
        raise CommandError(f"There is no {kind} called {name}.")
    if len(found) > 1:
        keys = ", ".join(each.partition(".")[2] for each in found)
        raise CommandError(f"There is more than one {kind} called {name}: say which by its number, of {keys}.")
    return found[0]


def _body(text: str, file: str | None) -> str:
    if text and file:
        raise CommandError("Give the body by --body or by --body-file.")
    try:
        return text if file is None else sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The body cannot be read: {error}") from None


def _outlook(announcement: Announcement) -> str:
    Announcement.objects.label([announcement])
    count = audiences.users(announcement.audience, timezone.now()).count()
    people = f"{count} {'person' if count == 1 else 'people'} ({announcement.label})"
    asked = " They are asked to acknowledge it." if announcement.must_acknowledge else ""
    again = f", then {announcement.get_every_display().lower()}" if announcement.every else ""
    if announcement.first_at <= timezone.now():
        return f"“{announcement}” is queued for {people}{again}: the Celery worker sends it.{asked}"
    else:
        when = timezone.localtime(announcement.first_at)
        return f"“{announcement}” will be sent to {people} at {when:%Y-%m-%d %H:%M %Z}{again}.{asked}"
