"""Kinds of notifications: what a line in the inbox is about, its sign, a filter of the page, and how loud it is.

    kinds.register("order", label="Order", icon="kitchen/icons/order.svg")

in an app's `ready()`. Lists offer the kinds in the order in which they were registered.
"""

from typing import NamedTuple

NOTE = "note"
"""The kind of what says nothing else."""


class Kind(NamedTuple):
    """What a kind is called (in the singular; an s makes it many), its sign, and what it does unless told otherwise.

    `icon` is a template: an SVG, as the pages draw it. What `rings` is counted by the bell and shown as a toast; what
    does not only stands in the list, unread.
    """

    name: str
    label: str
    icon: str
    rings: bool = True

    @property
    def plural(self) -> str:
        """What many of it are called."""
        return f"{self.label}s"


_kinds: dict[str, Kind] = {}


def register(name: str, label: str, icon: str, *, rings: bool = True) -> None:
    """Let notifications be of this kind, whose name has at most 20 characters."""
    _kinds[name] = Kind(name, label, icon, rings)


def get(name: str) -> Kind:
    """Return the kind of this name; of one that nobody registers any more, old rows are notes."""
    return _kinds.get(name) or _kinds[NOTE]


def names() -> list[str]:
    return list(_kinds)


def everything() -> list[Kind]:
    return list(_kinds.values())
