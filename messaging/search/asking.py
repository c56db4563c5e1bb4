"""What somebody has typed, read: words, phrases, and operators. Whatever it is, it is a search."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from messaging.search.terms import FILE, LINK, PINNED, Phrase
from messaging.search.tokens import words

LONGEST = 1000
"""So many characters of what is typed count."""
MOST_WORDS = 40
SHORTEST_PREFIX = 2
PIECE = re.compile(
    r'(?:(?P<name>from|in|before|after|has|is):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<plain>[^\s"]+))', re.I
)
QUOTES = str.maketrans("“”„«»", '"""""')
SIGNS = {("has", "file"): FILE, ("has", "link"): LINK, ("is", "pinned"): PINNED}


class Asked(NamedTuple):
    """What is looked for: all of it at once, but of several people or several chats anyone.

    `before` and `after` are days, which are left out themselves.
    """

    phrases: tuple[Phrase, ...] = ()
    people: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    before: date | None = None
    after: date | None = None

    @property
    def is_nothing(self) -> bool:
        return self == Asked()


class Piece(NamedTuple):
    """What stands between two spaces, or in quotes, behind the `name` of an operator or none."""

    name: str
    value: str
    is_closed: bool
    typed: str


def read(typed: str) -> Asked:
    """Return what is asked for by a text that somebody has typed."""
    asked, said = Asked(), []
    # What no database would store is in no message either.
    storable = typed[:LONGEST].replace("\0", " ").encode(errors="replace").decode()
    for piece in _pieces(storable.translate(QUOTES)):
        narrowed = _narrowed(asked, piece)
        if narrowed is None:
            said.append(piece)
        else:
            asked = narrowed
    return asked._replace(phrases=tuple(_phrases(said)))


def _pieces(typed: str) -> Iterator[Piece]:
    for found in PIECE.finditer(typed):
        name, quoted = (found["name"] or "").lower(), found["quoted"]
        yield Piece(name, (found["plain"] if quoted is None else quoted).strip(), bool(found["end"]), found[0])


def _narrowed(asked: Asked, piece: Piece) -> Asked | None:
    """Return what is asked for with an operator besides; None if it is none."""
    if not piece.name or not piece.value:
        return None
    elif piece.name == "from":
        return asked._replace(people=(*asked.people, piece.value))
    elif piece.name == "in":
        return asked._replace(chats=(*asked.chats, piece.value))
    elif piece.name in ("has", "is"):
        sign = SIGNS.get((piece.name, piece.value.lower().removesuffix("s")))
        return asked._replace(signs=(*asked.signs, sign)) if sign else None
    elif day := _day(piece.value):
        return asked._replace(before=day) if piece.name == "before" else asked._replace(after=day)
    else:
        return None


def _day(value: str) -> date | None:
    try:
        # The form with dashes alone: whatever else Python knows is a number that somebody looks for.
        return date.fromisoformat(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) else None
    except ValueError:
        return None


def _phrases(said: list[Piece]) -> Iterator[Phrase]:
    left, last = MOST_WORDS, len(said) - 1
    for place, piece in enumerate(said):
        found = words(piece.typed)
        is_whole = len(found) <= left
        kept = tuple(found[:left])
        left -= len(kept)
        # What is being typed is not at its end yet.
        is_prefix = place == last and is_whole and not piece.is_closed
        if kept:
            yield Phrase(kept, is_prefix and len(kept[-1]) >= SHORTEST_PREFIX)
