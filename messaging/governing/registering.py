"""Makes removals known to messages and their menu."""

from messaging.governing.removing import NAME, RemovedPart, action
from messaging.messages import actions, parts


def register() -> None:
    parts.register(NAME, RemovedPart())
    actions.register(action)
