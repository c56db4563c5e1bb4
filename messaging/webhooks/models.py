"""Whose voice the answers of a room's webhooks have."""

import secrets

from django.db import models, transaction

from messaging.accounts.models.bot import Bot
from messaging.chats.models.chat import Chat
from notifications.push import Webhook

LONGEST_NAME = 80


class ReplierManager(models.Manager["Replier"]):
    """Makes the bots that speak for webhooks."""

    def of(self, webhook: Webhook, room: Chat) -> "Replier":
        """Return who speaks for a webhook: made with its first answer, as a member of the room."""
        with transaction.atomic():
            room.lock()
            found = self.select_related("bot__user__called").filter(webhook=webhook).first()
            if found is None:
                name = webhook.host[:LONGEST_NAME]
                bot = Bot.objects.make(f"webhook-{secrets.token_hex(6)}", name, None, is_active=False)
                room.admit(bot.user)
                found = self.create(webhook=webhook, bot=bot)
            return found


class Replier(models.Model):
    """The bot that says in a room what the receiver of a webhook answers."""

    webhook = models.OneToOneField("notifications.Webhook", models.CASCADE, related_name="replier")
    bot = models.OneToOneField(Bot, models.PROTECT, related_name="replier")

    objects = ReplierManager()

    def __str__(self) -> str:
        return f"replier {self.pk}"
