"""What a message said before: kept in the transaction of each edit, and gone with the message."""

from typing import Any

from django.db.models import QuerySet

from messaging.messages.models import Message
from messaging.writing.models import Edit

MOST_SHOWN = 50


def keep_version(message: Message, fields: dict[str, Any], **kwargs: Any) -> None:
    """Keep what a message says before it is changed, or forget all of it with a deletion; behind the chat's lock."""
    if "deleted_at" in fields:
        message.edits.all().delete()
        return
    # Somebody else's edit, or another page's, may have come since this one was read.
    now = Message.objects.filter(pk=message.pk, deleted_at=None).exclude(body=fields["body"])
    for html, created_at, edited_at in now.values_list("html", "created_at", "edited_at"):
        message.edits.create(html=html, written_at=edited_at or created_at)


def versions(message: Message) -> QuerySet[Edit]:
    """Return what it said before, the last first."""
    return message.edits.order_by("-pk")[:MOST_SHOWN]
