"""Makes receipts known to the menu of messages."""

from messaging.messages import actions
from messaging.receipts.menu import action


def register() -> None:
    actions.register(action)
