"""Very many messages to search in, of words as people use them and some planted ones: made where Django runs."""

import random
import uuid
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from unittest.mock import patch

BATCH = 2000
ROOMS = 200
SOME = 20
"""The second person is in every tenth room, of 200."""
TINY = 12
"""So many messages are in the one chat of the third person."""
WORDS = 50_000
MINUTES = 2 * 365 * 24 * 60
"""So long all of it was said in."""


def fill(count: int) -> list[str]:
    """Let people have said so much in 200 rooms and a tiny one; return a day in the middle, and the second after it.

    The first person is in all of them, the second in every tenth, the third in the tiny one.
    """
    from django.contrib.auth.models import User
    from django.utils import timezone

    from messaging.models import Chat, Membership

    dice, began = random.Random(1), timezone.now() - timedelta(minutes=MINUTES)
    users = list(User.objects.order_by("pk"))
    chats = Chat.objects.bulk_create(
        Chat(name=f"Room {number}", name_key=f"room {number}", kind=Chat.Kind.PRIVATE) for number in range(ROOMS + 1)
    )
    readers = [(chat, users[0]) for chat in chats] + [(chat, users[1]) for chat in chats[: ROOMS : ROOMS // SOME]]
    Membership.objects.bulk_create(Membership(chat=chat, user=user) for chat, user in [*readers, (chats[-1], users[2])])
    spoken = _Spoken(dice, count)
    numbers = dict.fromkeys(range(len(chats)), 0)
    tiny = set(range(count - 1, 0, -max(1, count // TINY))[:TINY])
    for start in range(0, count, BATCH):
        rows = []
        for place in range(start, min(start + BATCH, count)):
            room = ROOMS if place in tiny else int(ROOMS * dice.random() ** 1.5)
            numbers[room] += 1
            at = began + timedelta(minutes=MINUTES * place / count)
            rows.append(_message(chats[room], dice.choice(users), numbers[room], spoken.say(place, room), at))
        _save(rows)
    for room, chat in enumerate(chats):
        chat.seq = chat.last_number = numbers[room]
    Chat.objects.bulk_update(chats, ["seq", "last_number"])
    middle = (began + timedelta(minutes=MINUTES // 2)).date()
    return [str(middle + timedelta(days=days)) for days in (0, 2)]


class _Spoken:
    """Makes texts of some 12 words, in which others stand as often as a table in docs/performance.md says."""

    def __init__(self, dice: random.Random, count: int) -> None:
        self.dice, self.count = dice, count
        syllables = [first + second for first in "bdfgklmnr" for second in "aeiou"]
        self.words = ["".join(dice.choices(syllables, k=dice.randint(1, 4))) for _ in range(WORDS)]
        self.weights = list(accumulate(1 / (rank + 1) for rank in range(WORDS)))

    def say(self, place: int, room: int) -> str:
        chance, said = self.dice.random, self.dice.choices(self.words, cum_weights=self.weights, k=8)
        # Never side by side in this order.
        said += ["zcommon"] if chance() < 0.3 else []
        said = (["zoften"] if chance() < 0.3 else []) + said
        said += ["zsecond"] if chance() < 0.2 else []
        said += ["zgreen", "zlantern"] if chance() < 0.002 else []
        said += [f"zpre{self.dice.randrange(200)}"] if chance() < 0.05 else []
        said += ["zelsewhere"] if chance() < 0.3 and room % (ROOMS // SOME) and room < ROOMS else []
        said += ["zbygone"] if place < self.count // 4 else []
        said += ["zrare"] if place % max(1, self.count // 50) == 0 else []
        return " ".join(said)


def _message(chat: Any, author: Any, number: int, body: str, at: datetime) -> Any:
    from messaging.models import Message

    return Message(
        chat=chat,
        author=author,
        client_id=uuid.uuid4(),
        number=number,
        created_seq=number,
        changed_seq=number,
        body=body,
        html=f"<p>{body}</p>\n",
        created_at=at,
        notified_at=at,
    )


def _save(messages: list[Any]) -> None:
    from django.db import transaction

    from messaging.models import Message
    from messaging.search.index import engine
    from messaging.search.terms import document

    # The clock of now is not asked: `auto_now_add` would say that of all of them.
    with transaction.atomic(), patch.object(Message._meta.get_field("created_at"), "auto_now_add", False):
        engine().write([document(message) for message in Message.objects.bulk_create(messages)])


def post_unindexed(session: str, chat_pk: int) -> Any:
    """Post a message as before there was an index."""
    from django.db.models.signals import post_save

    from benchmarks import inside
    from messaging.models import Message
    from messaging.search import index

    post_save.disconnect(index.posted, sender=Message)
    try:
        return inside.post_form(session, chat_pk)
    finally:
        post_save.connect(index.posted, sender=Message)
