"""Does what is due. A row, and what is done by it, change in one transaction: a worker may die anywhere.

What an outage has held up is late, once however often it would have come meanwhile.
"""

import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from messaging.chats.models.chat import Chat
from messaging.later.models import Later, show
from messaging.messages import commands
from messaging.messages.models import Message
from messaging.messages.saying import in_a_line
from notifications.push import for_each, notify, recurrence

KIND = "reminder"
"""The kind of what the inbox tells of them."""
AT_ONCE = 500
"""So much is done by one task; what is left, by the next one."""
LONGEST = 200
NO_MEMBER = "You are not a member of the chat any more."
NO_CHAT = "The chat was deleted."
UNREADABLE = "a message that you cannot read any more"


class TooSoon(Exception):
    """In a chat that is in slow mode a message waits for so many `seconds` more."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def do_due() -> None:
    """Send the messages and tell the reminders whose time has come."""
    now = timezone.now()
    due = list(Later.objects.due(now).values_list("pk", flat=True)[:AT_ONCE])
    for_each(due, lambda pk: _do(pk, now))


def _do(pk: int, now: datetime) -> None:
    with transaction.atomic():
        # The chat first, as whoever deletes it does: neither waits for the other for ever.
        about = Later.objects.filter(pk=pk).values("chat")
        list(Chat.objects.select_for_update(no_key=True).filter(pk__in=about))
        # Asked behind the lock: another worker may have done it meanwhile.
        row = Later.objects.due(now).filter(pk=pk).select_for_update(skip_locked=True).first()
        if row is None:
            return
        due_at, next_at = recurrence.around(row.first_at, row.every, now, row.tzinfo)
        try:
            refusal = _send(row, due_at) if row.is_message else _remind(row, due_at)
        except TooSoon as error:
            Later.objects.filter(pk=pk).update(next_at=now + timedelta(seconds=error.seconds))
            return
        if refusal:
            _keep(row, refusal, due_at)
        elif next_at:
            Later.objects.filter(pk=pk).update(next_at=next_at)
        else:
            row.delete()
        show(row.user_id)


def _send(row: Later, due_at: datetime) -> str:
    """Post a message as its author would now; return why not, or nothing."""
    if row.chat is None:
        return NO_CHAT
    # In an open room posting would let them in again.
    if not (row.user.is_active and row.chat.home.memberships.filter(user=row.user).exists()):
        return NO_MEMBER
    client_id = uuid.uuid5(row.client_id, due_at.isoformat())
    try:
        said = commands.read(row.chat.pk, row.user, row.body, client_id)
        Chat.objects.post(row.chat.pk, row.user, said.body, client_id, said.additions)
    except Chat.DoesNotExist:
        return NO_MEMBER
    except ValidationError as error:
        if error.code == "slow" and error.params:
            raise TooSoon(error.params["seconds"]) from error
        return error.messages[0]
    return ""


def _remind(row: Later, due_at: datetime) -> str:
    readable = Message.objects.visible_to(row.user).filter(deleted_at=None).select_related("chat", "author__called")
    found = readable.filter(pk=row.message_id).first() if row.message_id else None
    said = in_a_line(found, LONGEST) if found else "" if row.body else UNREADABLE
    line = " · ".join(filter(None, [row.body, said]))
    notify(row.user, f"Reminder: {line}", found.place if found else reverse("later"), kind=KIND, key=_key(row, due_at))
    return ""


def _keep(row: Later, refusal: str, due_at: datetime) -> None:
    """Keep the text of what was not sent, and say so."""
    Later.objects.filter(pk=row.pk).update(next_at=None, refusal=refusal[:300])
    text = f"Your message was not sent: {refusal} It is kept: {row.body}"
    notify(row.user, text, reverse("later"), kind=KIND, key=_key(row, due_at))


def _key(row: Later, due_at: datetime) -> str:
    return f"later.{row.client_id}.{int(due_at.timestamp())}"
