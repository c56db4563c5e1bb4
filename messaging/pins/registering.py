"""Makes pins known to messages and their menu."""

from messaging.messages import actions, parts
from messaging.pins.models import NAME
from messaging.pins.part import PinPart, action


def register() -> None:
    parts.register(NAME, PinPart())
    actions.register(action)
