"""Calling a bot: what was said goes to the bot's webhooks, too, and what those answer the bot says in the chat."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from messaging.accounts.models.bot import Bot
from messaging.accounts.people import shown_name
from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition
from messaging.commands.models import BotCommand
from messaging.messages.commands import Command, Said
from messaging.messages.data import data_of
from messaging.messages.models import Message
from messaging.webhooks.replying import say
from notifications.push import WebhookDelivery, webhooks

KIND = "bot"
CALLED = "command.called"


class Call(Addition):
    """Records that a bot was called, in the transaction of the message that does it, and so once."""

    name = "call"

    def __init__(self, bot: Bot, command: str, text: str) -> None:
        self.bot, self.command, self.text = bot, command, text

    def value(self, chat: Any, author: User) -> None:
        return None

    def added(self, message: Message) -> None:
        webhooks.record([self.bot.stream], CALLED, lambda: self._data(message))

    def _data(self, message: Message) -> dict[str, Any]:
        found = data_of(message)
        of_message = {"chat": found["chat"], "author": found["author"], "message": found}
        return {"bot": self.bot.pk, "command": self.command, "text": self.text, **of_message}


def commands_in(chat: Chat, name: str | None) -> Iterator[Command]:
    """Find the commands of the bots in a chat."""
    found = BotCommand.objects.there(chat).select_related("bot__user__called").order_by("name", "pk")
    for row in found if name is None else found.filter(name=name):
        yield Command(row.name, row.help, partial(_call, row), shown_name(row.bot.user))


def _call(row: BotCommand, typed: str, rest: str) -> Said:
    return Said(typed, [Call(row.bot, row.name, rest)])


class BotSubject(webhooks.Subject):
    """`bot.<pk>`: a bot, whose maker manages what hears that it is called."""

    events = {CALLED: "The bot is called by one of its commands"}

    def may_manage(self, user: User, pk: int) -> bool:
        return Bot.objects.filter(pk=pk, made_by=user, hook=None).exists()

    def title(self, user: User, pk: int) -> str:
        return Bot.objects.get(pk=pk).user.first_name

    def address(self, pk: int) -> str:
        return reverse("bot", args=[pk])

    def note(self, pk: int) -> None:
        """Note nothing: only a command asks for them."""

    def answered(self, pk: int, delivery: WebhookDelivery, answer: str) -> None:
        """Have the bot say what was answered, where it was called, if it still is there and on."""
        if delivery.event != CALLED:
            return
        bot = Bot.objects.filter(pk=pk, user__is_active=True).select_related("user__called").first()
        chat = Chat.objects.filter(pk=json.loads(delivery.body)["data"]["chat"]).first()
        if bot and chat and chat.home.memberships.filter(user=bot.user).exists():
            say(chat, lambda: bot, delivery, answer)


def forget(instance: Bot, **kwargs: Any) -> None:
    """Delete what hears that a bot is called, with the bot."""
    webhooks.forget(instance.stream)


def bot_saved(instance: Bot, created: bool, **kwargs: Any) -> None:
    """Delete what calls a bot that was deleted and only stays behind what it has said."""
    if not created and not instance.made_by_id:
        forget(instance)
        instance.commands.all().delete()
