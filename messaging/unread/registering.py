"""Makes marking as unread known to the menu of messages."""

from messaging.messages import actions
from messaging.unread.menu import action


def register() -> None:
    actions.register(action)
