"""Verbs: what a push does to an element of every page that watches.

    append(order, "#lines", "shop/_line.html", {"line": line})
    replace([alice, bob], "#total", "shop/_total.html", {"order": order})
    remove(EVERYBODY, "#banner")

The template is an ordinary partial, the same that the page includes. It is rendered at once, and once however many are
told of it, and sent when the transaction commits. In `async def`, await `aappend`, `aprepend` and so on.
"""

import re
from functools import partial
from typing import Any, Literal

from channels.db import database_sync_to_async
from django.db import models
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from notifications.live.door import To, group_name, publish

Verb = Literal["append", "prepend", "replace", "update", "remove"]
SWAPS: dict[Verb, str] = {
    "append": "beforeend",
    "prepend": "afterbegin",
    "replace": "outerHTML",
    "update": "innerHTML",
    "remove": "delete",
}
"""What htmx calls the verbs."""


def append(to: To, target: str, template: str, context: dict[str, Any] | None = None) -> None:
    """Put the partial at the end of what is in the element `target`, given as `#id`."""
    act("append", to, target, template, context)


def prepend(to: To, target: str, template: str, context: dict[str, Any] | None = None) -> None:
    """Put the partial before what is in the element `target`."""
    act("prepend", to, target, template, context)


def replace(to: To, target: str, template: str, context: dict[str, Any] | None = None) -> None:
    """Put the partial in the place of the element `target`."""
    act("replace", to, target, template, context)


def update(to: To, target: str, template: str, context: dict[str, Any] | None = None) -> None:
    """Put the partial in the place of what is in the element `target`."""
    act("update", to, target, template, context)


def remove(to: To, target: str) -> None:
    """Take the element `target` away."""
    act("remove", to, target)


aappend = database_sync_to_async(append)
aprepend = database_sync_to_async(prepend)
areplace = database_sync_to_async(replace)
aupdate = database_sync_to_async(update)
aremove = database_sync_to_async(remove)


def act(verb: Verb, to: To, target: str, template: str = "", context: dict[str, Any] | None = None) -> None:
    """Push what the verb does with `target`; ValueError for another verb, or for what is no `#id` or no recipient."""
    if verb not in SWAPS:
        raise ValueError(f"{verb!r} is none of the verbs {', '.join(SWAPS)}.")
    if not re.fullmatch(r"#[A-Za-z][\w-]*", target, re.ASCII):
        raise ValueError(f"A target is the id of one element, like #order-5, not {target!r}.")
    render = partial(render_to_string, template, context) if template else str
    publish(to, verb, render, envelope=partial(_envelope, verb, target))


def dom_id(instance: models.Model) -> str:
    """Return the id of the element that shows a saved object, like `order-5`."""
    return group_name(instance).replace(".", "-", 1)


def _envelope(verb: Verb, target: str, html: str, group: str, seq: int | None) -> str:
    # A template may hold whatever a page may, rows of a table too; by its place verbs.js knows what is shown already.
    place = "" if seq is None else format_html(' data-stream="{}" data-seq="{}"', group, seq)
    return format_html(
        '<template hx-swap-oob="{}:{}" data-verb="{}"{}>{}</template>',
        SWAPS[verb],
        target,
        verb,
        place,
        mark_safe(html),  # noqa: S308 - it was rendered
    )
