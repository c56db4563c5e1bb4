"""Makes drafts, and the question before everybody is rung, known to the composer."""

from messaging.messages import composing
from messaging.writing.fields import DraftField, RingingField


def register() -> None:
    composing.register("draft", DraftField())
    composing.register("ringing", RingingField())
