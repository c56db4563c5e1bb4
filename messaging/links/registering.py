"""Makes links to messages known to messages, their menu and the composer."""

from messaging.links.part import NAME, LinksField, LinksPart, action
from messaging.messages import actions, composing, parts


def register() -> None:
    parts.register(NAME, LinksPart())
    composing.register(NAME, LinksField())
    actions.register(action)
