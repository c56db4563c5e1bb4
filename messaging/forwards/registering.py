"""Makes forwarded messages known to messages and their menu."""

from messaging.forwards.part import NAME, ForwardPart, action
from messaging.messages import actions, parts


def register() -> None:
    parts.register(NAME, ForwardPart())
    actions.register(action)
