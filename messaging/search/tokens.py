"""A text as the words that it is found by: the same on every database, since none of them is asked what a word is."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

VERSION = 1
"""Grows with every change of what this module makes of a text: what was indexed by another one is indexed anew."""
LONGEST = 80
"""So many characters of a word count. PostgreSQL refuses what has more than 2,046 bytes, and with it the message."""
SIGNS = "#@%&+$"
"""What is a word by itself, as emoji and currencies are: C++ is not C."""

PLAIN = re.compile(r"(?<![a-z0-9])v(?=[0-9])|[a-z0-9]+|[#@%&+$]")
CHUNK = re.compile(r"\S+")
DROPPED = {
    "\u0640",  # the line that Arabic words are drawn out with
    "\u034f",
    *map(chr, range(0x180B, 0x180E)),
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
    *map(chr, range(0x1F3FB, 0x1F400)),  # the tones of skin
}
VOICING = "\u3099\u309a"
"""What makes ga of ka: the marks that belong to a character of a script without spaces."""
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3040-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\U00020000-\U000323af]"
)
"""Han, kana, Bopomofo, Thai, Lao, Burmese, Khmer: nobody writes where a word ends."""

WORD, MARK, SIGN, ALONE, GAP = range(5)
"""Goes on with a word; does so only behind one; is a word; is one of a script without spaces; ends a word."""


class Token(NamedTuple):
    """A word, folded, and where it stands in the text that it was made of."""

    word: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a text in their order, whatever the text is."""
    if text.isascii():
        yield from _plain(text, 0)
    else:
        for chunk in CHUNK.finditer(text):
            yield from (_plain if chunk[0].isascii() else _any)(chunk[0], chunk.start())


def words(text: str) -> list[str]:
    """Return only what they are."""
    if text.isascii():
        return [word[:LONGEST] for word in PLAIN.findall(text.lower())]
    return [token.word for token in tokens(text)]


def _plain(text: str, offset: int) -> Iterator[Token]:
    for found in PLAIN.finditer(text.lower()):
        yield Token(found[0][:LONGEST], found.start() + offset, found.end() + offset)


def _any(text: str, offset: int) -> Iterator[Token]:
    run: list[str] = []
    start = end = 0
    is_alone = False
    for place, character in enumerate(text, offset):
        for folded, kind in _folded(character):
            if kind == MARK and (run and (not is_alone or folded in VOICING)):
                run.append(folded)
                end = place + 1
                continue
            if kind == MARK and not UNSPACED.match(folded):
                continue
            is_next_alone = kind in (SIGN, ALONE, MARK)
            if run and (is_alone or is_next_alone or kind == GAP or _is_version(run, folded)):
                yield _token(run, start, end)
                run = []
            if kind != GAP:
                start = start if run else place
                end = place + 1
                run.append(folded)
                is_alone = is_next_alone
    if run:
        yield _token(run, start, end)


def _is_version(run: list[str], following: str) -> bool:
    return run == ["v"] and following.isdecimal()


def _token(run: list[str], start: int, end: int) -> Token:
    return Token(unicodedata.normalize("NFC", "".join(run))[:LONGEST], start, end)


@lru_cache(maxsize=20_000)
def _folded(character: str) -> tuple[tuple[str, int], ...]:
    """Return what one character is folded to, each with its kind; what becomes letters and is none stands apart."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    found = tuple((each, _kind(each)) for each in plain.replace("ı", "i") if not _is_dropped(each))  # noqa: RUF001
    if unicodedata.category(character) in ("So", "Sc") and found and plain != character:
        return (("", GAP), *found, ("", GAP))
    return found


def _is_dropped(character: str) -> bool:
    category, place = unicodedata.category(character), unicodedata.combining(character)
    return character in DROPPED or category in ("Cf", "Me") or 10 <= place <= 36 or 200 <= place <= 240


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "M":
        return MARK
    elif character in SIGNS or category in ("So", "Sc"):
        return SIGN
    elif category[0] in "LN" or category == "Co":
        return ALONE if UNSPACED.match(character) else WORD
    else:
        return GAP
