"""Makes saving known to the menu of messages, and its lists to the push service."""

from messaging.messages import actions
from messaging.saved.menu import action
from messaging.saved.models import SavedList, of_themselves
from notifications.push import live


def register() -> None:
    actions.register(action)
    live.register(SavedList, visible_to=of_themselves)
