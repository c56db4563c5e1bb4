"""What a message shows of the thread below it: how many answers, when the last one came, and the way there.

It is kept as `{"chat": the thread's primary key, "count": answers, "last": when, as ISO 8601}`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.urls import reverse

from messaging.chats.models.chat import Chat
from messaging.messages.data import moment
from messaging.messages.models import Message
from messaging.messages.parts import Part

NAME = "thread"


class ThreadPart(Part):
    """Shows it beneath the message, also beneath one whose text was deleted."""

    template = "messaging/threads/_answers.html"
    is_lasting = True

    def context(self, value: Any, found: Any) -> dict[str, Any]:
        return {
            "thread": reverse("chat", args=[value["chat"]]),
            "count": value["count"],
            "last": datetime.fromisoformat(value["last"]),
        }

    def data(self, value: Any) -> Mapping[str, Any]:
        last_at = moment(datetime.fromisoformat(value["last"]))
        return {"thread": {"chat": value["chat"], "count": value["count"], "last_at": last_at}}


def count_answer(message: Message) -> None:
    """Count one more answer, in the transaction that posts it, which has locked the thread's chat."""

    def change(value: Any) -> Any:
        count = value["count"] + 1 if value else 1
        return {"chat": message.chat_id, "count": count, "last": message.created_at.isoformat()}

    _root_of(message).change_part(NAME, change)


def count_again(message: Message) -> None:
    """Count the answers anew when one was deleted."""
    answers = Message.objects.filter(chat=message.chat_id, deleted_at=None)

    def change(value: Any) -> Any:
        # Asked behind the lock: an answer that comes at the same time is counted.
        found = answers.aggregate(count=Count("pk"), last=Max("created_at"))
        return found["last"] and {**found, "chat": message.chat_id, "last": found["last"].isoformat()}

    _root_of(message).change_part(NAME, change)


def forget(thread: Chat) -> None:
    """Take the way to a thread that is gone off the message that it answered, if that is there."""
    for root in Message.objects.filter(pk=thread.root_id or 0).select_related("chat"):
        root.change_part(NAME, lambda _: None)


def follow_root(message: Message) -> None:
    """Show on the pages of a message's thread what the message says now, and in lists of chats how it begins."""
    for thread in Chat.objects.filter(root=message).select_related("root__author__called", "parent"):
        thread.follow_root()


def _root_of(message: Message) -> Message:
    root: Any = message.chat.root
    root.chat = message.chat.home
    return root
