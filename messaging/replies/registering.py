"""Makes replies known to messages, their menu, the composer and the bell."""

from messaging.messages import actions, composing, parts
from messaging.replies.field import ReplyField, action
from messaging.replies.part import KIND, NAME, ReplyPart
from notifications.push import kinds


def register() -> None:
    parts.register(NAME, ReplyPart())
    composing.register(NAME, ReplyField())
    actions.register(action)
    kinds.register(KIND, "Answer", "messaging/icons/reply.svg")
