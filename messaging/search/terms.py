"""What an index keeps of a message, and what it is asked for: words, and tags that are no words."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from messaging.attachments.part import NAME as FILES
from messaging.forwards.part import NAME as FORWARD
from messaging.messages import parts
from messaging.messages.models import Message
from messaging.pins.models import NAME as PIN
from messaging.search.tokens import words

FILLER = "##"
"""Stands where a word is not kept, and between texts: no word is this, so no phrase goes on past it."""
MOST_PLACES = 255
"""So many places of one word are kept of a message: PostgreSQL silently keeps no more."""
MOST_WORDS = 16_000
"""So many words are kept of a message: PostgreSQL knows no place past 16,383."""
FILE, LINK, PINNED = "file", "link", "pinned"


class Document(NamedTuple):
    """A message as an index keeps it; `home` is the chat that decides who may read it."""

    pk: int
    home: int
    words: list[str]
    tags: list[str]


class Phrase(NamedTuple):
    """Words that stand side by side; of the last one, if `is_prefix`, only the beginning."""

    words: tuple[str, ...]
    is_prefix: bool = False


class Scope(NamedTuple):
    """The chats that somebody may read, without threads: those of all have the same rights.

    `homes` is None for all there are. About `messages` were said there, a `share` of all from 0 to 1.
    """

    homes: frozenset[int] | None
    messages: int
    share: float


class Terms(NamedTuple):
    """What is to be found: all `phrases`, and one tag of each of `tags`, between `above` and `below`, both left out.

    With neither it is whatever was said there.
    """

    phrases: Collection[Phrase]
    tags: Collection[Collection[str]]
    scope: Scope
    below: int
    above: int = 0


def chat_tag(pk: int) -> str:
    return f"c{pk}"


def author_tag(pk: int) -> str:
    return f"a{pk}"


def document(message: Message) -> Document:
    """Return what is kept of a message, which has its chat at hand."""
    home = message.chat.parent_id or message.chat_id
    tags = [chat_tag(home), author_tag(message.author_id)]
    forwarded = message.parts.get(FORWARD, {}).get("html", "")
    tags += [FILE] if FILES in message.parts else []
    tags += [LINK] if "<a href=" in message.html or "<a href=" in forwarded else []
    tags += [PINNED] if PIN in message.parts else []
    return Document(message.pk, home, list(_kept([message.body, *parts.searched(message.parts)])), tags)


def _kept(texts: Iterable[str]) -> Iterator[str]:
    found = [word for text in texts for word in (*words(text), FILLER)][:-1][:MOST_WORDS]
    counts: Counter[str] = Counter()
    for word in found:
        counts[word] += 1
        yield word if counts[word] <= MOST_PLACES else FILLER
