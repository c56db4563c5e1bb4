"""Makes reminders known to the menu of messages, to commands and to the inbox, and lists to the push service."""

from messaging.later.doing import KIND
from messaging.later.menu import action
from messaging.later.models import LaterList, of_themselves
from messaging.later.typed import COMMAND
from messaging.messages import actions, commands
from notifications.push import kinds, live


def register() -> None:
    actions.register(action)
    commands.register(COMMAND)
    kinds.register(KIND, "Reminder", "notifications/icons/clock.svg")
    live.register(LaterList, visible_to=of_themselves)
