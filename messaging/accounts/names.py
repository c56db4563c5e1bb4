"""Names of people: what is accepted as one, and when two of them look the same.

These are functions of text alone; migrations use them, too.
"""

import unicodedata

from django.core.exceptions import ValidationError

from notifications.push import text

LONGEST_KEY = 450
"""So many characters of what names are compared by are kept."""
USUAL = " .'\u2019-"
"""What else than letters and digits is in people's names."""
EASTERN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"}
"""Scripts that are written together."""
ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧՍՕаверкмнорстухѕіјһԁԛԝӏьгпүαβγεηικνορτυχωօսոհıɩɑɡøđłħ01|!",  # noqa: RUF001
    "ABESIJKMHOPCTYXABEZHIKMNOPTYXUOabepkmhopctyxsijhdqwibrnyabyenikvoptuxwounhiiagodlhoiii",
)
"""Letters that look like Latin ones, and those; `l` and `i` are made one later, in whatever case."""


def fold(name: str) -> str:
    """Return what names have in common that differ only in case, in how they are encoded, and in what nobody sees.

    The four letters I of Turkish are one: a phone in Istanbul begins the name of irem with an İ.
    """
    plain = " ".join(unicodedata.normalize("NFKD", name).split())
    seen = "".join(each for each in plain if not text.is_unseen(each))
    folded = unicodedata.normalize("NFKC", seen.casefold()).replace("i\u0307", "i").replace("ı", "i")  # noqa: RUF001
    return " ".join(unicodedata.normalize("NFKC", folded).split())[:LONGEST_KEY].strip()


def search_key(username: str, shown: str) -> str:
    """Return what somebody is found by: what is typed, folded, is in it."""
    return f"{fold(username)} {fold(shown)}".rstrip()


def skeleton(name: str) -> str:
    """Return what names have in common that look the same, or nearly so."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(each for each in plain if unicodedata.category(each)[0] not in "MCZ")
    lower = unicodedata.normalize("NFKD", plain.translate(ALIKE).casefold()).translate(ALIKE)
    lower = lower.replace("l", "i").replace("rn", "m").replace("vv", "w")
    first = next((place for place, each in enumerate(lower) if each.isalnum()), 0)
    last = next((place for place, each in enumerate(reversed(lower)) if each.isalnum()), 0)
    return lower[first : len(lower) - last][:LONGEST_KEY]


def is_mixed(name: str) -> bool:
    """Return whether a word of it has letters of several scripts, as Latin and Cyrillic ones."""
    return any(len(_scripts(word)) > 1 for word in name.split())


def is_odd(name: str) -> bool:
    """Return whether there is more in it than a person's name, or several scripts in one word."""
    marks = {each for each in name if unicodedata.category(each)[0] not in "LMN"} - set(text.LETTER_JOINERS)
    return bool(marks - set(USUAL)) or is_mixed(name)


def clean(name: str, limit: int) -> str:
    """Return the name that is shown of a person as it is stored; ValidationError if it could pass for something."""
    name = text.clean_name(name, limit)
    if "@" in name or "＠" in name:  # noqa: RUF001
        raise ValidationError("Leave out the @: it stands before user names.", code="invalid")
    return name


def check_username(name: str) -> None:
    """Raise a ValidationError for a user name that could not be told from others, or from what stands around it."""
    text.clean_name(name, LONGEST_KEY)
    if not name[:1].isalnum():
        raise ValidationError("A user name begins with a letter or a digit.", code="invalid")
    if is_mixed(name):
        raise ValidationError("Take the letters of a user name from one alphabet.", code="invalid")


def _scripts(word: str) -> set[str]:
    letters = [each for each in unicodedata.normalize("NFKC", word) if unicodedata.category(each) in {"Lu", "Ll", "Lo"}]
    found = {unicodedata.name(each, "NONE").split()[0] for each in letters}
    # With Eastern scripts, Latin letters stand side by side as well.
    return found - EASTERN - {"LATIN"} | {"EASTERN"} if found & EASTERN else found
