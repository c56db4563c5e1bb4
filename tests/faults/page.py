"""The page a browser makes of frames: what htmx and swaps.js do to one list, without a browser.

Parsing is by a real parser and done once for each fragment, however many pages it comes to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import Any

TOKEN = re.compile(r"tok[0-9a-f]{8}n\d{6}")
"""What every message of a scenario carries in its body, once: its own name."""
VOID = {"br", "img", "input", "link", "meta", "hr"}
MESSAGES = "messages"
"""The id of the list of messages of a page's own chat."""
# Where a new top-level element surely begins: what people write cannot hold a tag, and pages nest no such element.
APPENDED = re.compile(r'(?=<div hx-swap-oob="beforeend:)')


@dataclass(frozen=True, slots=True)
class Row:
    """One element of a list, as it is shown at this moment."""

    id: str
    seq: int
    number: int
    text: str
    token: str


@dataclass(frozen=True, slots=True)
class Swap:
    """One top-level element of a frame: what it does to which element."""

    how: str
    target: str
    id: str
    seq: int
    stream: str
    older: int | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame, parsed."""

    text: str
    swaps: tuple[Swap, ...]
    tokens: frozenset[str]


class Node:
    """An element of the parsed tree."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node] = []
        self.texts: list[str] = []

    def get(self, name: str) -> str:
        """Return an attribute, empty if it is not there."""
        return self.attributes.get(name, "")

    def number(self, name: str) -> int:
        """Return an attribute as a number, 0 if it is not there."""
        return int(self.attributes.get(name) or 0)

    def all(self) -> Iterator["Node"]:
        """Yield the element and all that is in it."""
        yield self
        for child in self.children:
            yield from child.all()


class Tree(HTMLParser):
    """Builds the tree of what is fed to it."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.path = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add an element, and go into it unless its kind is always empty."""
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(node)
        if tag not in VOID:
            self.path.append(node)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element of this name, and with it what was left open inside."""
        for depth in range(len(self.path) - 1, 0, -1):
            if self.path[depth].tag == tag:
                del self.path[depth:]
                return

    def handle_data(self, data: str) -> None:
        """Give text to all elements that it is in."""
        for node in self.path:
            node.texts.append(data)


def parse(html: str) -> Node:
    """Return the root of the tree that is in some HTML."""
    tree = Tree()
    tree.feed(html)
    tree.close()
    return tree.root


@lru_cache(maxsize=65536)
def read_frame(text: str) -> Frame:
    """Return a frame's swaps and tokens."""
    swaps = tuple(swap for part in APPENDED.split(text) for swap in _swaps(part))
    return Frame(text, swaps, frozenset(TOKEN.findall(text)))


@lru_cache(maxsize=65536)
def _swaps(html: str) -> tuple[Swap, ...]:
    return tuple(_swap(node) for node in parse(html).children)


def _swap(node: Node) -> Swap:
    how, _, target = (node.get("hx-swap-oob") or "true").partition(":")
    place = target.lstrip("#") or node.get("id")
    # "true" replaces the element of that id by this one; all others use what is in this one.
    rows = [node] if how in {"true", "outerHTML"} else node.children
    found = tuple(_row(each) for each in rows if each.get("id"))
    return Swap(how, place, node.get("id"), node.number("data-seq"), node.get("data-stream"), _older(node), found)


def _row(node: Node) -> Row:
    body = next((each for each in node.all() if "message-body" in each.get("class").split()), node)
    text = "".join(body.texts).strip()
    token = TOKEN.search(text)
    return _one_row(
        node.get("id"), node.number("data-seq"), node.number("data-number"), text, token.group() if token else ""
    )


@cache
def _one_row(*values: Any) -> Row:
    # One object for what is the same: a thousand pages are compared with the truth, row by row.
    return Row(*values)


def _older(node: Node) -> int | None:
    for each in node.all():
        if each.tag == "a" and "older" in each.get("class").split():
            return int(each.get("href").rpartition("before=")[2])
    return None


def read_list(html: str, list_id: str = MESSAGES) -> tuple[list[Row], int | None]:
    """Return the rows of a list in a page's or a part's HTML, and before which number older ones can be had."""
    root = parse(html)
    place = next((node for node in root.all() if node.get("id") == list_id), root)
    return [_row(node) for node in place.children if node.get("id") and node.get("data-seq")], _older(place)


@dataclass
class Page:
    """One list of a page, the stream that fills it, and the page's place in each stream.

    A `plain` page is what htmx alone would make: nothing in it knows doubles, and nothing puts the late in its place.
    """

    stream: str
    list_id: str = MESSAGES
    rows: list[Row] = field(default_factory=list)
    shown: dict[str, Row] = field(default_factory=dict)
    older: int | None = None
    places: dict[str, int] = field(default_factory=dict)
    plain: bool = False
    is_over: bool = False

    @classmethod
    def load(cls, html: str, stream: str, list_id: str = MESSAGES) -> "Page":
        """Return the page as it comes over HTTP."""
        page = cls(stream, list_id)
        page.rows, page.older = read_list(html, list_id)
        page.shown = {row.id: row for row in page.rows}
        cursors = [node for node in parse(html).all() if node.get("id").startswith("cursor-")]
        page.places = {node.get("data-stream"): node.number("data-seq") for node in cursors}
        assert stream in page.places
        return page

    def copy(self, plain: bool = False) -> "Page":
        """Return the same page in another tab."""
        return Page(
            self.stream,
            self.list_id,
            list(self.rows),
            dict(self.shown),
            self.older,
            dict(self.places),
            plain or self.plain,
        )

    def take(self, frame: Frame) -> list[Row]:
        """Swap a frame in, and return the rows that were not shown before."""
        fresh: list[Row] = []
        for swap in frame.swaps:
            if swap.target == self.address:
                if swap.how == "innerHTML":
                    self._redraw(swap, fresh)
                else:
                    for row in swap.rows:
                        self._add(row, fresh, at_end=swap.how != "afterbegin")
            elif swap.id.startswith("cursor-"):
                if swap.seq > self.places.get(swap.stream, 0) or self.plain:
                    self.places[swap.stream] = swap.seq
            elif swap.target == f"[data-socket][data-stream='{self.stream}']":
                self.is_over = True
            elif swap.target in self.shown:
                for row in swap.rows:
                    self._replace(row)
        return fresh

    @property
    def address(self) -> str:
        """How what is pushed names the list: that of a chat by the chat, since a page may have another beside it."""
        return f"[data-messages='{self.stream.partition('.')[2]}']" if self.list_id == MESSAGES else self.list_id

    @property
    def first_number(self) -> int:
        """The number of the oldest message shown."""
        return self.rows[0].number if self.rows else 0

    @property
    def cursor(self) -> int:
        """The page's place in the stream of the list."""
        return self.places.get(self.stream, 0)

    def _redraw(self, swap: Swap, fresh: list[Row]) -> None:
        if self.cursor > swap.seq and not self.plain:
            return
        fresh += [row for row in swap.rows if row.id not in self.shown]
        self.rows, self.older = list(swap.rows), swap.older
        self.shown = {row.id: row for row in self.rows}

    def _add(self, row: Row, fresh: list[Row], at_end: bool) -> None:
        shown = self.shown.get(row.id)
        if shown is not None and not self.plain:
            self._replace(row)
            return
        if self.older and row.number < self.first_number and not self.plain:
            return
        if shown is None:
            fresh.append(row)
        self.shown[row.id] = row
        if not at_end:
            self.rows.insert(0, row)
        elif self.plain or not row.number or not self.rows or self.rows[-1].number <= row.number:
            # swaps.js looks for the first that is greater: where the list is in order, its last one answers that.
            self.rows.append(row)
        else:
            place = next(index for index, other in enumerate(self.rows) if other.number > row.number)
            self.rows.insert(place, row)

    def _replace(self, row: Row) -> None:
        shown = self.shown[row.id]
        if row.seq > shown.seq or self.plain:
            self.rows[self.rows.index(shown)] = row
            self.shown[row.id] = row
