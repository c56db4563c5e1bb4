"""Fragments of HTML that many pages show alike: rendered once in a process, and kept for whoever is shown them next."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from sys import getsizeof
from threading import Lock
from typing import Any, NamedTuple

from django.template import Context, Template
from django.template.loader import get_template

MOST_KEPT = 16 * 2**20
"""So many bytes a process keeps at most, of HTML and of what it is kept by: some 6,000 messages of usual length."""
BESIDE = 1000
"""So many bytes a fragment takes in there beside its texts."""


class Kept:
    """What was rendered last, up to a size; what was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._found: OrderedDict[Hashable, tuple[str, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> str | None:
        """Return what is kept by this key, if it still is."""
        with self._lock:
            if found := self._found.get(key):
                self._found.move_to_end(key)
                return found[0]
        return None

    def put(self, key: Hashable, html: str, size: int) -> None:
        """Keep it, which takes this size with its key."""
        with self._lock:
            # Two threads may have rendered the same.
            if key not in self._found:
                self._found[key] = html, size
                self.size += size
            while self.size > self.most:
                _, (_, freed) = self._found.popitem(last=False)
                self.size -= freed

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._found.clear()
            self.size = 0


store = Kept(MOST_KEPT)


class Fragment(NamedTuple):
    """A template as one process has it: a new release has new processes, and one that is being written is another."""

    template: Template

    def render(self, key: tuple[Hashable, ...], context: Callable[[], dict[str, Any]], size: int = 0) -> str:
        """Return the fragment with this `context`, all of which `key` says: what differs in any of it is rendered anew.

        `size` is how many bytes the key's texts take.
        """
        html = store.get((self.template, *key))
        if html is None:
            html = self.template.render(Context(context())).strip()
            store.put((self.template, *key), html, getsizeof(html) + size + BESIDE)
        return html


def template_of(name: str) -> Fragment:
    """Return what renders the named template."""
    return Fragment(get_template(name).template)  # type: ignore[attr-defined]  # of the engine, below the wrapper
