"""`manage.py hook General --name CI`: an address by which programs say something in a room."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from messaging.chats.models.chat import Chat
from messaging.hooks.forms import HookForm
from messaging.hooks.models import Hook


class Command(BaseCommand):
    """Makes, lists and revokes hooks as whoever runs the site, who needs no account for that."""

    help = "Print the address of a new hook of a room; list a room's hooks; revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chat", nargs="?", help="the room: its number, or its name")
        parser.add_argument("--name", default="", help="as whom it speaks")
        parser.add_argument("--emoji", default="", help="what stands in the place of a picture, as :rocket:")
        parser.add_argument("--list", metavar="CHAT", help="list the hooks of a room")
        parser.add_argument("--revoke", metavar="ID", type=int, help="delete a hook, by its number in the list")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"] is not None:
            self._revoke(options["revoke"])
        elif options["list"]:
            self._list(_room(options["list"]))
        elif options["chat"]:
            self._make(_room(options["chat"]), options["name"], options["emoji"])
        else:
            raise CommandError("Name a room, or give --list CHAT or --revoke ID.")

    def _make(self, chat: Chat, name: str, emoji: str) -> None:
        form = HookForm({"name": name, "emoji": emoji})
        if not form.is_valid():
            raise CommandError(" ".join(f"--{field}: {errors.as_text()}" for field, errors in form.errors.items()))
        self.stdout.write(Hook.objects.make(chat, made_by=None, **form.cleaned_data).address)

    def _list(self, chat: Chat) -> None:
        for hook in chat.hooks.select_related("bot__user").order_by("pk"):
            used = f"used {timezone.localtime(hook.used_at):%Y-%m-%d %H:%M}" if hook.used_at else "not used yet"
            self.stdout.write(f"{hook.pk}  {hook.name}  {'on' if hook.is_on else 'off'}  {used}")

    def _revoke(self, pk: int) -> None:
        hook = Hook.objects.select_related("chat", "bot__user__called").filter(pk=pk).first()
        if hook is None:
            raise CommandError(f"There is no hook {pk}.")
        hook.end()
        self.stdout.write(f"Hook {pk} is gone.")


def _room(typed: str) -> Chat:
    rooms = Chat.objects.rooms()
    found = list((rooms.filter(pk=int(typed)) if typed.isdecimal() else rooms.named(typed))[:2])
    if len(found) != 1:
        raise CommandError(f"There is no room {typed}." if not found else f"Several rooms are called {typed}.")
    return found[0]
