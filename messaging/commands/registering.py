"""Makes commands known to posting, and bots to webhooks."""

from messaging.commands import calling, polls
from messaging.messages import commands
from notifications.push import webhooks


def register() -> None:
    commands.register(polls.COMMAND)
    commands.register_finder(calling.commands_in)
    webhooks.register(calling.KIND, calling.BotSubject())
