"""What the receiver of a webhook answers to a message, said in its chat, as Slack's and Mattermost's do it."""

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError

from messaging.accounts.models.bot import Bot
from messaging.chats.models.chat import Chat
from messaging.hooks.reading import posts
from messaging.hooks.reading.payload import Posted, Unreadable
from messaging.messages.sender import SentAs
from messaging.webhooks.models import Replier
from notifications.push import WebhookDelivery


def reply(room_pk: int, delivery: WebhookDelivery, answer: str) -> None:
    """Say what was answered to a message of somebody's; an answer to a bot says nothing: two could go on for ever."""
    message = json.loads(delivery.body)["data"]
    chat = Chat.objects.filter(pk=message["chat"]).first()
    if chat is None or chat.home.pk != room_pk or Bot.objects.filter(pk=message["author"]["id"]).exists():
        return
    say(chat, lambda: Replier.objects.of(delivery.webhook, chat.home).bot, delivery, answer)


def say(chat: Chat, speaker: Callable[[], Bot], delivery: WebhookDelivery, answer: str) -> None:
    """Have a bot say in a chat what was answered, once however often the event is delivered.

    Whatever is no JSON object with a `text` says nothing.
    """
    text = _object(answer).get("text")
    if not (isinstance(text, str) and text.strip()):
        return
    # The bot was removed from the room, or the event is sent again and answered by something else: that stays.
    with suppress(Chat.DoesNotExist, ValidationError, Unreadable):
        post = posts.read(Posted(answer.encode(), "application/json"))
        bot = speaker()
        sender = SentAs(post.name or bot.user.first_name, post.emoji)
        for number, each in enumerate(post.texts):
            chat.post(bot.user, each, uuid.uuid5(delivery.uuid, str(number)), additions=[sender])


def leave(instance: Replier, **kwargs: Any) -> None:
    """Take the bot out of the room of a webhook that is gone."""
    for chat in Chat.objects.filter(memberships__user=instance.bot.user):
        chat.release(instance.bot.user)


def _object(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
