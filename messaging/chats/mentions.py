"""Whom a text names after an @, and whom of them that reaches."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from messaging.accounts import names
from messaging.accounts.people import called
from notifications.push import text

MOST_MENTIONED = 50
"""So many names in one text ring bells: what is for more people belongs into a room, or is an announcement."""
ALL = "all"
"""What stands behind an @ to name everybody who is in the chat."""
HERE = "here"
"""What stands there to name those of them who are online at that moment."""
RINGS = (ALL, HERE)
LONGEST = 150
"""So long are user names, at most."""
AT = re.compile("(?<![A-Za-z0-9À-ɏ])[@＠](?=\\w)")  # noqa: RUF001
TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"}
"""Scripts that put no space between a name and the words behind it."""


class Mention(NamedTuple):
    """What stands behind an @, and where in it a name may end, the last place first."""

    start: int
    words: str
    ends: list[int]


class Person(NamedTuple):
    """Somebody of a name that is in the text."""

    pk: int | str
    is_reached: bool


NOBODY = Person(0, is_reached=False)

_finding_here: list[Callable[[Collection[int]], set[int]]] = []


def find_here(online: Callable[[Collection[int]], set[int]]) -> None:
    """Have HERE reach those of a chat's people that `online` returns of their primary keys."""
    _finding_here.append(online)


def here(user_pks: Collection[int]) -> set[int]:
    """Return who of these is online."""
    return set[int]().union(*(online(user_pks) for online in _finding_here))


def render(
    body: str, readers: QuerySet[User], author_pk: int, may_ring: Callable[[str], bool] = lambda name: False
) -> tuple[str, set[int | str]]:
    """Return a text as HTML, and the active people among its readers whom it names: their names are set off.

    ALL and HERE are among them where they name all these, and `may_ring` says that it may. At most one query besides
    that one's, and none for a text without an @.
    """
    reached: set[int | str] = set()

    def places(texts: list[str]) -> list[list[tuple[int, int]]]:
        found = [list(_mentions(each)) for each in texts]
        counted = set(list(dict.fromkeys(each.words for mentions in found for each in mentions))[:MOST_MENTIONED])
        found = [[each for each in mentions if each.words in counted] for mentions in found]
        wanted = {each.words[:end] for mentions in found for each in mentions for end in each.ends}
        people = _people(wanted, readers)
        for name in wanted:
            if (ring := names.fold(name)) in RINGS and may_ring(ring):
                people[name] = Person(ring, is_reached=True)
        named = [[(each, _named(each, people)) for each in mentions] for mentions in found]
        is_told = {person.pk for mentions in named for _, (person, _) in mentions if person.is_reached} - {author_pk}
        reached.update(is_told)
        return [
            [(each.start - 1, each.start + end) for each, (person, end) in mentions if person.pk in is_told]
            for mentions in named
        ]

    return text.render(body, places), reached


def _mentions(words: str) -> Iterator[Mention]:
    for at in AT.finditer(words):
        start, end = at.end(), at.end()
        while end < len(words) and end - start < LONGEST and _is_of_names(words[end]):
            end += 1
        # What comes behind the last letter decides, too, whether a name ends with it.
        ends = [place for place in range(end, start, -1) if _may_end(words[start : end + 1], place - start)]
        yield Mention(start, words[start:end], [place - start for place in ends])


def _people(wanted: set[str], readers: QuerySet[User]) -> dict[str, Person]:
    """Return who is called so, in whatever case; of two of one name the one who writes it like this."""
    if not wanted:
        return {}
    is_reached = Exists(readers.filter(pk=OuterRef("pk"), is_active=True))
    rows = called(wanted).values_list("pk", "username", "called__key", is_reached)
    by_key = {key: Person(pk, is_reached) for pk, _, key, is_reached in rows}
    by_name = {username: Person(pk, is_reached) for pk, username, _, is_reached in rows}
    people = {name: by_name.get(name) or by_key.get(names.fold(name)) for name in wanted}
    return {name: person for name, person in people.items() if person}


def _named(mention: Mention, people: dict[str, Person]) -> tuple[Person, int]:
    """Return whom it names, by the longest name that somebody has, and where that ends."""
    found = ((people[mention.words[:end]], end) for end in mention.ends if mention.words[:end] in people)
    return next(found, (NOBODY, 0))


def _is_of_names(character: str) -> bool:
    # Persian and Indic names have joiners between their letters.
    return character.isalnum() or character in "_.@+-\u200c\u200d" or unicodedata.category(character)[0] == "M"


def _may_end(words: str, end: int) -> bool:
    """Return whether a name may end there: not inside of a word, nor before the host of somebody elsewhere."""
    last, rest = words[end - 1], words[end:]
    behind = rest.lstrip("_") or " "
    if unicodedata.category(behind[0])[0] == "M":
        return False
    if behind[0] == "@":
        return not behind[1:2].isalnum()
    return not (last.isalnum() and behind[0].isalnum() and _are_of_one_word(last, behind[0]))


def _are_of_one_word(last: str, following: str) -> bool:
    scripts = _script(last), _script(following)
    if TOGETHER.intersection(scripts):
        return False
    return following.isdigit() or scripts[0] == scripts[1] or (last.isdigit() and following.isascii())


def _script(letter: str) -> str:
    return unicodedata.name(unicodedata.normalize("NFKC", letter)[0], "").partition(" ")[0]
