"""Which messages answer which, to be found from what they answer."""

from django.db import models

from messaging.messages.models import Message
from notifications.push import push_soon

MOST_ANEW = 100
"""So many of a message's replies, the newest, show at once on open pages that it was edited or deleted."""


class Reply(models.Model):
    """A message that answers another one of its chat; its part says the same, for whoever shows it."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="+")
    original = models.ForeignKey(Message, models.CASCADE, related_name="replies")

    def __str__(self) -> str:
        return f"{self.message} in reply to {self.original}"


def show_anew(message: Message) -> None:
    """Have open pages show the replies to a message as it is now, by the same commit: they quote it."""
    newest = list(Reply.objects.filter(original=message).order_by("-pk").values_list("pk", flat=True)[:MOST_ANEW])
    if newest:
        seq = message.chat.take_seq()
        Message.objects.filter(pk__in=newest).update(changed_seq=seq)
        push_soon(message.chat, seq)
