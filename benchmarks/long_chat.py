"""A chat of very many messages, half of them with something beside their text: reactions, files or a thread."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from benchmarks.inside import TEXT

BATCH = 1000
HTML = "<p>The new front page is on staging, have a <strong>look</strong> when you find a minute.</p>"
EVERY = 6
"""Of so many messages one has reactions, one files and one a thread."""
REACTED, WITH_FILE, ANSWERED = 1, 3, 5


def fill_history(count: int) -> tuple[int, str]:
    """Let two people have said so much in a room, one message a minute.

    Return the chat's primary key, and the day in the middle of it.
    """
    from django.contrib.auth.models import User
    from django.utils import timezone

    from messaging.models import Chat, Membership

    people = list(User.objects.order_by("pk")[:6])
    began = timezone.now() - timedelta(minutes=count)
    chat = Chat.objects.create(name="History", seq=count, last_number=count, said_at=timezone.now())
    Membership.objects.bulk_create(Membership(chat=chat, user=user, read_number=count) for user in people)
    for start in range(1, count + 1, BATCH):
        numbers = range(start, min(start + BATCH, count + 1))
        made = _said(chat, [(people[number // 3 % 2], number) for number in numbers], began)
        _give_parts(made, people)
    return chat.pk, f"{began + timedelta(minutes=count // 2):%Y-%m-%d}"


def _said(chat: Any, said: list[tuple[Any, int]], began: datetime) -> list[Any]:
    from messaging.models import Message

    made = [
        Message(
            chat=chat,
            author=author,
            number=number,
            created_seq=number,
            changed_seq=number,
            body=TEXT,
            html=HTML,
            created_at=began + timedelta(minutes=number),
            notified_at=began,
        )
        for author, number in said
    ]
    return _as_said(made)


def _as_said(messages: list[Any]) -> list[Any]:
    from messaging.models import Message

    # The database's clock is not asked: `auto_now_add` would say now of all of them.
    with patch.object(Message._meta.get_field("created_at"), "auto_now_add", False):
        return Message.objects.bulk_create(messages)


def _give_parts(messages: list[Any], people: list[Any]) -> None:
    from messaging.models import Message

    reactions = [["👍", [user.pk for user in people[1:4]]], ["🎉", [people[0].pk]]]
    kinds: dict[int, list[Any]] = {REACTED: [], WITH_FILE: [], ANSWERED: []}
    for message in messages:
        kinds.get(message.number % EVERY, []).append(message)
    for message in kinds[REACTED]:
        message.parts = {"reactions": reactions}
    _give_files(kinds[WITH_FILE])
    _give_threads(kinds[ANSWERED])
    Message.objects.bulk_update([each for given in kinds.values() for each in given], ["parts"])


def _give_files(messages: list[Any]) -> None:
    """Let each have a file, every other time a picture; nothing is stored of them."""
    from messaging.attachments.models import shown
    from messaging.models import Attachment

    size = {"width": 900, "height": 600, "previews": Attachment.Previews.MADE}
    picture = {"name": "page.png", "content_type": "image/png", "kind": Attachment.Kind.PICTURE, **size}
    text = {"name": "list.txt", "content_type": "text/plain", "kind": Attachment.Kind.FILE}
    files = [
        Attachment(
            message=message, chat=message.chat, owner=message.author, size=9000, **(text if place % 2 else picture)
        )
        for place, message in enumerate(messages)
    ]
    for message, file in zip(messages, Attachment.objects.bulk_create(files), strict=True):
        message.parts = {"files": shown([file])}


def _give_threads(messages: list[Any]) -> None:
    """Let each have a thread of one answer, which its author follows and has read."""
    from messaging.models import Chat, Membership, Message

    one = {"seq": 1, "last_number": 1}
    threads = Chat.objects.bulk_create(
        Chat(kind=Chat.Kind.THREAD, parent=each.chat, root=each, said_at=each.created_at, **one) for each in messages
    )
    Membership.objects.bulk_create(
        Membership(chat=thread, user=root.author, read_number=1) for thread, root in zip(threads, messages, strict=True)
    )
    answers = [
        Message(
            chat=thread,
            author=root.author,
            client_id=uuid.uuid4(),
            number=1,
            created_seq=1,
            changed_seq=1,
            body=TEXT,
            html=HTML,
            created_at=root.created_at,
            notified_at=root.created_at,
        )
        for thread, root in zip(threads, messages, strict=True)
    ]
    _as_said(answers)
    for message, thread in zip(messages, threads, strict=True):
        message.parts = {"thread": {"chat": thread.pk, "count": 1, "last": message.created_at.isoformat()}}
