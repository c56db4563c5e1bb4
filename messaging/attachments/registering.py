"""Makes files known to messages and the composer."""

from messaging.attachments.part import NAME, FilesPart
from messaging.attachments.posting import FilesField
from messaging.messages import composing, parts


def register() -> None:
    parts.register(NAME, FilesPart())
    composing.register(NAME, FilesField())
