"""What happens to messages, recorded for the webhooks of their room in the same transaction.

Whether a room has any stands in its row, which each of these changes has read behind its lock: where there are none,
nothing is asked.
"""

from functools import partial
from typing import Any

from messaging.messages.data import data_of
from messaging.messages.models import Message
from messaging.reactions import part as reactions
from messaging.webhooks import subject
from notifications.push import webhooks


def posted(instance: Message, created: bool, **kwargs: Any) -> None:
    if created:
        _record(instance, subject.CREATED)


def changed(message: Message, **kwargs: Any) -> None:
    _record(message, subject.DELETED if message.deleted_at else subject.EDITED)


def part_changed(message: Message, name: str, **kwargs: Any) -> None:
    if name == reactions.NAME:
        _record(message, subject.REACTED)


def _record(message: Message, event: str) -> None:
    home = message.chat.home
    if home.is_hooked:
        webhooks.record([home.stream], event, partial(data_of, message))
