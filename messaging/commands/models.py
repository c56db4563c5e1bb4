"""The commands that bots have."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import models, transaction
from django.shortcuts import get_object_or_404

from messaging.accounts.models.bot import Bot
from messaging.chats.models.chat import Chat

LONGEST_NAME = 32
LONGEST_HELP = 200
MOST = 50
"""So many commands a bot has at most."""


class CommandQuerySet(models.QuerySet["BotCommand"]):
    """The commands of bots that are there."""

    def there(self, chat: Chat) -> "CommandQuerySet":
        """Return those of the bots that are members of a chat, or of a thread's chat, and are on."""
        members = chat.home.memberships.values("user")
        return self.filter(bot__in=members, bot__user__is_active=True)

    @contextmanager
    def alone(self, bot: Bot) -> Iterator[None]:
        """Have nobody else change the bot's commands meanwhile; Http404 if the bot is gone by now."""
        with transaction.atomic():
            get_object_or_404(Bot.objects.select_for_update(), pk=bot.pk)
            yield

    def set_all(self, bot: Bot, commands: Iterable[tuple[str, str]]) -> None:
        """Have a bot know just these commands, by name and help."""
        rows = [BotCommand(bot=bot, name=name, help=said) for name, said in commands]
        with self.alone(bot):
            self.filter(bot=bot).delete()
            BotCommand.objects.bulk_create(rows)


class BotCommand(models.Model):
    """A word behind a slash, in small letters, by which people in its chats call a bot; `help` is a line."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="commands")
    name = models.CharField(max_length=LONGEST_NAME)
    help = models.CharField(max_length=LONGEST_HELP)

    objects = CommandQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="one_command_per_bot_and_name")]

    def __str__(self) -> str:
        return f"bot command {self.pk}"
