"""Attachments as Slack, Mattermost and Rocket.Chat have them, and Discord's embeds: groups of lines, each a quote."""

import re
from typing import Any

from messaging.hooks.reading import blocks, marks, slack
from messaging.hooks.reading.markdown import converted, either
from messaging.hooks.reading.values import Object, first, objects, one, text

SIGNS = {"good": "🟢", "warning": "🟡", "danger": "🔴"}
HEX = re.compile(r"#?([0-9a-fA-F]{6})")
HUES = ((20, "🔴"), (45, "🟠"), (70, "🟡"), (170, "🟢"), (260, "🔵"), (330, "🟣"), (360, "🔴"))
"""Up to which angle of the colour circle, in degrees, a sign is the nearest."""


def read(attachments: Any) -> str:
    """Return what the attachments say, in order; what is no object is left out."""
    return marks.joined((_group(each) for each in objects(attachments)), "\n\n")


def embeds(found: Any) -> str:
    """Return what Discord's embeds say."""
    return marks.joined((_embed(each) for each in objects(found)), "\n\n")


def sign(color: Any) -> str:
    """Return a coloured sign for a colour by name, `#rrggbb` or number; nothing for any other."""
    if isinstance(color, int) and not isinstance(color, bool) and 0 <= color <= 0xFFFFFF:
        color = f"{color:06x}"
    name = text(color)
    found = HEX.fullmatch(name)
    return _nearest(found[1]) if found else SIGNS.get(name, "")


def _nearest(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (0, 2, 4))
    most, least = max(red, green, blue), min(red, green, blue)
    span = most - least
    if span < 48:
        return "⚫" if most < 128 else "⚪"
    if most == red:
        hue = (green - blue) / span % 6
    else:
        hue = (blue - red) / span + 2 if most == green else (red - green) / span + 4
    return next(shown for end, shown in HUES if hue * 60 <= end)


def _group(found: Object) -> str:
    """Return one attachment. Its `fallback` is what it says in one line, so that counts only if nothing else does."""
    title = first(found, "title")
    shown = [
        either(first(found, "author_name")),
        marks.bold(marks.link(first(found, "title_link"), slack.decoded(title)) if title else ""),
        _text(found),
        blocks.read(found.get("blocks")),
        *(_field(field) for field in objects(found.get("fields"))),
        _image(first(found, "image_url", "thumb_url")),
        blocks.buttons(found.get("actions")),
        slack.plain(first(found, "footer")),
    ]
    said = marks.joined(shown)
    pretext = either(first(found, "pretext"))
    if not (said or pretext):
        said = slack.plain(first(found, "fallback"))
    color = sign(found.get("color"))
    return marks.joined([pretext, _quoted(color, said)])


def _quoted(color: str, said: str) -> str:
    """Return a group with its sign before it: on a line of its own if what begins there is a block of code."""
    between = "\n" if said.startswith("```") else " "
    return marks.quoted(f"{color}{between}{said}".strip()) if said else ""


def _text(found: Object) -> str:
    said = first(found, "text")
    return marks.code(said.strip()) if said.startswith("Traceback (most recent call last)") else either(said)


def _field(field: Object) -> str:
    name = text(field.get("title") if "title" in field else field.get("name"))
    value = either(text(field.get("value")))
    return f"{slack.plain(name)}: {value}" if name and value else value or slack.plain(name)


def _image(url: str) -> str:
    return marks.link(url, url.rpartition("/")[2] or url) if url else ""


def _embed(found: Object) -> str:
    author, footer = one(found.get("author")), one(found.get("footer"))
    title, name = first(found, "title"), first(author, "name")
    shown = [
        marks.link(first(author, "url"), name) if name else "",
        marks.bold(marks.link(first(found, "url"), title) if title else ""),
        converted(first(found, "description")),
        *(_field(field) for field in objects(found.get("fields"))),
        _image(first(one(found.get("image")), "url")),
        marks.literal(first(footer, "text")),
    ]
    said = marks.joined(shown)
    return _quoted(sign(found.get("color")), said)
