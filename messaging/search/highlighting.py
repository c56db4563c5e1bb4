"""What was found, set off in a message's own HTML: only its text is looked at, and its tags stay as they are."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from messaging.search.terms import Phrase
from messaging.search.tokens import tokens


class Place(NamedTuple):
    """A word, where it stands in which of the pieces that the HTML consists of."""

    word: str
    piece: int
    start: int
    end: int


class Pieces(HTMLParser):
    """Takes HTML apart: into text, unescaped, and what stands between, as it is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.texts: list[int] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.texts.append(len(self.found))
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"</{tag}>")


def marked(html: str, phrases: Collection[Phrase]) -> SafeString:
    """Return a message's HTML, which is safe, with what is found by the phrases in `<mark>`."""
    if not phrases or not html:
        return mark_safe(html)  # noqa: S308 - made by notifications.prose
    pieces = Pieces(html)
    places = [
        Place(token.word, each, token.start, token.end) for each in pieces.texts for token in tokens(pieces.found[each])
    ]
    ranges: dict[int, list[tuple[int, int]]] = {each: [] for each in pieces.texts}
    for piece, start, end in sorted(_ranges(places, phrases)):
        ranges[piece].append((start, end))
    shown = (_with_marks(said, ranges[n]) if n in ranges else said for n, said in enumerate(pieces.found))
    return mark_safe("".join(shown))  # noqa: S308 - its tags are those that came in, and its text is escaped


def marked_text(text: str, phrases: Collection[Phrase]) -> SafeString:
    """Return a text that is no HTML as such, with what is found in it in `<mark>`."""
    return marked(escape(text), phrases)


def _ranges(places: list[Place], phrases: Collection[Phrase]) -> Iterator[tuple[int, int, int]]:
    """Yield the piece, the start and the end of each stretch of text that a phrase finds, in no order."""
    by_word: defaultdict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        by_word[place.word].append(number)
    for phrase in phrases:
        for number in _begin(by_word, phrase):
            hit = places[number : number + len(phrase.words)]
            if len(hit) == len(phrase.words) and all(map(_fits, hit, phrase.words, _ends(phrase))):
                for piece in {place.piece for place in hit}:
                    inside = [place for place in hit if place.piece == piece]
                    yield piece, inside[0].start, inside[-1].end


def _begin(by_word: dict[str, list[int]], phrase: Phrase) -> Iterator[int]:
    if len(phrase.words) > 1 or not phrase.is_prefix:
        yield from by_word.get(phrase.words[0], ())
    else:
        for word, numbers in by_word.items():
            if word.startswith(phrase.words[0]):
                yield from numbers


def _ends(phrase: Phrase) -> list[bool]:
    """Return of each word whether only its beginning is asked for."""
    return [False] * (len(phrase.words) - 1) + [phrase.is_prefix]


def _fits(place: Place, word: str, is_prefix: bool) -> bool:
    return place.word.startswith(word) if is_prefix else place.word == word


def _with_marks(text: str, ranges: list[tuple[int, int]]) -> str:
    shown, done = [], 0
    for start, end in ranges:
        if end > done:
            shown += [escape(text[done:start]), "<mark>", escape(text[max(start, done) : end]), "</mark>"]
            done = end
    return "".join([*shown, escape(text[done:])])
