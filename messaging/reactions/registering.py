"""Makes reactions known to messages."""

from messaging.messages import parts
from messaging.reactions.part import NAME, ReactionsPart


def register() -> None:
    parts.register(NAME, ReactionsPart())
