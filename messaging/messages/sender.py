"""As whom a program says something: a name and an emoji that are this one message's own, kept in its row."""

import json
from typing import Any

from django.contrib.auth.models import User

from messaging.chats.models.posting import Addition

NAME = "sender"
"""Of the part; its value is `{"name": …, "emoji": …}`, each only if there is one."""


class SentAs(Addition):
    """What a message of a bot is posted with: as whom, and that nobody's bell rings for being named in it."""

    name = NAME
    is_silent = True

    def __init__(self, name: str, emoji: str) -> None:
        self.sender = {key: value for key, value in (("name", name), ("emoji", emoji)) if value}

    def value(self, chat: Any, author: User) -> dict[str, str] | None:
        return self.sender or None


def sent_as(parts: str) -> dict[str, str]:
    """Return what the parts of a message, as text, say of its sender: mostly nothing, which costs no parsing."""
    return json.loads(parts).get(NAME, {}) if f'"{NAME}"' in parts else {}
