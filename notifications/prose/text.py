"""What people write: what is accepted, and how it becomes safe HTML."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from idna import valid_contextj

from notifications.prose.emoji_names import signs as signs
from notifications.prose.markdown import ALLOWED_TAGS as ALLOWED_TAGS
from notifications.prose.markdown import render as render

MAX_LENGTH = 10_000
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Categories of control, format and private characters, of half pairs, and of what ends lines."""
BLANK = {
    *"\u2065\U0001d159\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
"""Letters, marks and signs that show nothing."""
COLOURED = "\ufe0f"
JOINERS = ("\u200d", "\ufe0e", COLOURED)
"""What several signs are joined by to one, or one is coloured by: behind a sign they can be seen."""
LETTER_JOINERS = ("\u200c", "\u200d")
"""What parts or joins letters, as Persian and Hindi need: between those of RFC 5892 (CONTEXTJ) it can be seen."""
SIGNS = {"So", "Sk"}
BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)+")
EMPTY = re.compile(r">|(?:\[\]\([^()]*\))+")
"""A quote that was begun and no more, links on nothing."""
TAG = re.compile(r"<[^>]*>")


def clean(text: str) -> str:
    """Return the text as it is stored; ValidationError if it shows nothing, is too long or no valid Unicode."""
    text = storable(text).replace("\r\n", "\n").rstrip()
    # No more than whole lines: who pastes code does not want its first line elsewhere than the others.
    if blank := BLANK_LINES.match(text):
        text = text[blank.end() :]
    if not _shows(text[:MAX_LENGTH]):
        raise ValidationError("Write something first.", code="empty")
    if len(text) > MAX_LENGTH:
        raise ValidationError(
            "This is too long: %(length)s characters, and at most %(limit)s are possible.",
            code="too_long",
            params={"length": f"{len(text):,}", "limit": f"{MAX_LENGTH:,}"},
        )
    return text


def storable(text: str) -> str:
    """Return the text; ValidationError if it is no valid Unicode."""
    # NUL is refused by PostgreSQL, and half a surrogate pair (from JSON) by every encoding.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationError("This has characters that cannot be stored.", code="invalid")
    return text


def _shows(text: str) -> bool:
    """Return whether there is something to be seen of it on the page."""
    # As nearly every text begins; it may be long, and what follows looks at each of its characters.
    first = text.lstrip()[:1]
    if first.isascii() and first.isalnum():
        return True
    seen = _seen(text)
    if not seen or EMPTY.fullmatch(seen):
        return False
    # Letters and digits are always shown, so few texts have to be rendered for this.
    return any(map(str.isalnum, seen)) or bool(_seen(TAG.sub("", render(text))))


def _seen(text: str) -> str:
    return "".join(each for each in text if _is_private(each) or not (each.isspace() or is_unseen(each)))


def _is_private(character: str) -> bool:
    """Return whether it is a sign of some font's own, which is seen where that is."""
    return unicodedata.category(character) == "Co"


def is_unseen(character: str) -> bool:
    """Return whether a character shows nothing by itself."""
    return unicodedata.category(character) in UNSEEN or character in BLANK


def clean_name(name: str, limit: int) -> str:
    """Return the name of a person, a room and the like as it is stored: one line, composed (NFC), single spaces.

    ValidationError if it has characters that nobody sees or that turn others around, or nothing else: it would pass for
    another name.
    """
    name = unicodedata.normalize("NFC", name)
    if any(is_unseen(each) and not _joins(name, place) for place, each in enumerate(name)):
        raise ValidationError("Leave out the characters that cannot be seen.", code="invalid")
    name = " ".join(name.split())
    if len(name) > limit:
        raise ValidationError("At most %(limit)s characters are possible.", code="too_long", params={"limit": limit})
    if name and (name[0] in JOINERS or unicodedata.category(name[0])[0] == "M"):
        raise ValidationError("Begin with a letter, a digit or a sign.", code="invalid")
    return name


def _joins(name: str, place: int) -> bool:
    """Return whether what stands there changes how its neighbours look."""
    character, before = name[place], name[place - 1 : place]
    joins_signs = character in JOINERS and before and (before == COLOURED or unicodedata.category(before) in SIGNS)
    try:
        return bool(joins_signs) or valid_contextj(name, place)
    except ValueError:  # Its neighbour is no character, or the name is far too long.
        return False


def one_line(text: str, limit: int) -> str:
    """Return the text as one line that every database can store, cut to so many characters."""
    one = " ".join(text.replace("\0", " ").split()).encode(errors="replace").decode()
    return one if len(one) <= limit else one[: limit - 1] + "…"
