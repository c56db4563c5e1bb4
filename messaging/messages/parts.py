"""Parts of a message that other rooms add to it: reactions, files, what it answers. Each has a name in `Message.parts`.

A part is in the message's row, so showing it asks for nothing else, and a message with it is the same HTML for all.
What may change without the message, as people's names, a part asks for when it is shown, for all of a page at once.
"""

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

NOTHING = "{}"
"""What is kept of a message that has no parts."""


class Part:
    """One kind of part: `value` is what is kept of it, as JSON has it, and never None."""

    template = ""
    """What shows it, given a message's `id`, `pk`, `address` and the part's `context`; nothing does if it is empty."""
    is_above = False
    """Whether it stands above the text, and not below."""
    is_enough = False
    """Whether a message may be edited to have it and no text."""
    is_lasting = False
    """Whether it stays, is shown and may change when the text of its message is deleted."""

    def wanted(self, value: Any) -> Collection[int]:
        """Return the primary keys of what else is shown of it, to be found for many messages at once."""
        return ()

    def find(self, pks: Collection[int]) -> Mapping[int, Hashable]:
        """Return what is shown of these, by one query."""
        return {}

    def context(self, value: Any, found: Mapping[int, Any]) -> dict[str, Any]:
        """Return what the template is given; `found` has what `find` knew of what is `wanted`."""
        return {"part": value}

    def line(self, value: Any) -> str:
        """Return in words what it adds to a message, for notifications and exports; nothing if that is not worth it."""
        return ""

    def searched(self, value: Any) -> str:
        """Return what a message with it is found by beside its own text."""
        return ""

    def data(self, value: Any) -> Mapping[str, Any]:
        """Return what it adds to a message as JSON has it: fields of `messages.data.MessageData`."""
        return {}

    def told(self, value: Any) -> Mapping[int, str]:
        """Return whom it tells of the message, as a mention does: the kinds of what they are told by primary keys."""
        return {}

    def forget(self, message_pk: int, value: Any, left: Mapping[str, Any]) -> Any:
        """Delete with the message what belongs to it, in the same transaction; return what stays, or None.

        `left` are the parts by which what is left of the message says how it went.
        """
        return value if self.is_lasting else None


class Seen(NamedTuple):
    """A part of one message, with what was found for it. It is hashable, as what HTML is kept by has to be."""

    name: str
    found: tuple[tuple[int, Hashable], ...]


_parts: dict[str, Part] = {}


def register(name: str, part: Part) -> None:
    """Have `part` answer for what messages keep by this name."""
    _parts[name] = part


def is_lasting(name: str) -> bool:
    """Return whether the part of this name outlives the text of its message."""
    return name in _parts and _parts[name].is_lasting


def are_enough(parts: Mapping[str, Any]) -> bool:
    """Return whether a message with these needs no text."""
    return any(_parts[name].is_enough for name in parts if name in _parts)


def packed(parts: Mapping[str, Any]) -> str:
    """Return parts as the text that `looked_up` takes."""
    return json.dumps(parts) if parts else NOTHING


def looked_up(texts: Iterable[str]) -> list[tuple[Seen, ...]]:
    """Return what is shown of the parts of each message, by at most one query for each kind of part among them."""
    values = [{} if text == NOTHING else json.loads(text) for text in texts]
    wanted: dict[str, set[int]] = {}
    for parts in values:
        for name, value in parts.items():
            if name in _parts:
                wanted.setdefault(name, set()).update(_parts[name].wanted(value))
    found = {name: _parts[name].find(pks) for name, pks in wanted.items() if pks}
    return [
        tuple(_seen(name, value, found.get(name, {})) for name, value in parts.items() if name in _parts)
        for parts in values
    ]


def _seen(name: str, value: Any, found: Mapping[int, Hashable]) -> Seen:
    return Seen(name, tuple((pk, found[pk]) for pk in sorted(_parts[name].wanted(value)) if pk in found))


def html(text: str, seen: Iterable[Seen], **context: Any) -> dict[str, SafeString]:
    """Return the HTML of what stands `above` and `below` a message's text, its parts in the order of their names."""
    values = json.loads(text)
    shown: dict[bool, list[str]] = {True: [], False: []}
    for name, found in sorted(seen):
        part = _parts[name]
        if part.template:
            shown[part.is_above].append(
                get_template(part.template).render(context | part.context(values[name], dict(found)))
            )
    return {where: mark_safe("".join(shown[is_above])) for where, is_above in (("above", True), ("below", False))}  # noqa: S308


def lines(parts: Mapping[str, Any]) -> list[str]:
    """Return in words what is in a message beside its text."""
    return [line for name, value in parts.items() if name in _parts and (line := _parts[name].line(value))]


def searched(parts: Mapping[str, Any]) -> list[str]:
    """Return the texts in a message beside its own that it is found by."""
    return [said for name, value in parts.items() if name in _parts and (said := _parts[name].searched(value))]


def data(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the parts of a message add to it as JSON has it."""
    return {
        field: said
        for name, value in parts.items()
        if name in _parts
        for field, said in _parts[name].data(value).items()
    }


def told(parts: Mapping[str, Any]) -> dict[int, str]:
    """Return whom the parts of a message tell of it, each with the kind of that."""
    return {pk: kind for name in parts if name in _parts for pk, kind in _parts[name].told(parts[name]).items()}


def forgotten(message_pk: int, parts: Mapping[str, Any], left: Mapping[str, Any]) -> dict[str, Any]:
    """Delete what belongs to a message that is being deleted; return the parts that stay, and those that are `left`."""
    kept = {name: _parts[name].forget(message_pk, value, left) for name, value in parts.items() if name in _parts}
    return {name: value for name, value in kept.items() if value is not None} | {**left}
