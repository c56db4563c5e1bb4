"""Makes threads known to messages, their menu, the composer and the bell."""

from messaging.messages import actions, composing, parts, recipients
from messaging.threads import answering, views
from messaging.threads.part import NAME, ThreadPart
from notifications.push import kinds


def register() -> None:
    parts.register(NAME, ThreadPart())
    parts.register(answering.ALSO, answering.AlsoPart())
    parts.register(answering.COPY, answering.CopyPart())
    composing.register(answering.ALSO, answering.AlsoField())
    actions.register(views.action)
    recipients.leave_out(answering.told_in_thread)
    kinds.register(recipients.ANSWER, "Answer in a thread", "messaging/icons/thread.svg")
