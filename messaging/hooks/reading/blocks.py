"""Slack's blocks, and what stands in them."""

from collections.abc import Callable
from typing import Any

from messaging.hooks.reading import marks, slack
from messaging.hooks.reading.values import Object, first, objects, one, text

DEEPEST = 8
MARKS = {"bold": "**", "italic": "*", "strike": "~~"}


def read(blocks: Any) -> str:
    """Return what the blocks say, one below the other."""
    return marks.joined(_block(block) for block in objects(blocks))


def words(value: Any) -> str:
    """Return a text object, which says itself whether it has marks."""
    found = one(value)
    shown = slack.mrkdwn if found.get("type") == "mrkdwn" else slack.plain
    return shown(value if isinstance(value, str) else text(found.get("text")))


def buttons(value: Any) -> str:
    """Return the links among buttons: what else they do needs whoever has sent them."""
    found = objects(value)
    return marks.joined(
        (marks.link(text(each.get("url")), _label(each)) for each in found if text(each.get("url"))), " · "
    )


def _label(button: Object) -> str:
    return first(one(button.get("text")), "text") or first(button, "text", "name") or text(button.get("url"))


def _block(block: Object) -> str:
    shown = BLOCKS.get(text(block.get("type")))
    return shown(block) if shown else ""


def _header(block: Object) -> str:
    return marks.bold(words(block.get("text")))


def _section(block: Object) -> str:
    accessory = one(block.get("accessory"))
    button = buttons(accessory) if accessory.get("type") == "button" else ""
    fields = block.get("fields")
    listed = [words(field) for field in fields] if isinstance(fields, list) else []
    return marks.joined([words(block.get("text")), *listed, button])


def _context(block: Object) -> str:
    return marks.joined(
        (_image(each) if each.get("type") == "image" else words(each) for each in objects(block.get("elements"))), " "
    )


def _image(block: Object) -> str:
    title = first(one(block.get("title")), "text") or first(block, "alt_text")
    return marks.link(text(block.get("image_url")), title or "image") if block.get("image_url") else ""


def _actions(block: Object) -> str:
    return buttons(block.get("elements"))


def _rich_text(block: Object) -> str:
    return marks.joined(_rich(each, 0) for each in objects(block.get("elements")))


def _rich(element: Object, depth: int) -> str:
    """Return one of the parts of a rich text: a section, a list, code, a quote."""
    if depth > DEEPEST:
        return ""
    kind, inside = element.get("type"), objects(element.get("elements"))
    if kind == "rich_text_list":
        sign = "1." if element.get("style") == "ordered" else "-"
        indent = "  " * min(element["indent"] if isinstance(element.get("indent"), int) else 0, DEEPEST)
        return marks.joined(f"{indent}{sign} {_rich(each, depth + 1)}" for each in inside)
    if kind == "rich_text_preformatted":
        return marks.code("".join(text(each.get("text")) or text(each.get("url")) for each in inside))
    said = "".join(_element(each) for each in inside)
    return marks.quoted(said) if kind == "rich_text_quote" else said


def _element(element: Object) -> str:
    kind = element.get("type")
    if kind == "link":
        return marks.link(text(element.get("url")), text(element.get("text")) or text(element.get("url")))
    if kind == "emoji":
        return f":{text(element.get('name'))}:"
    if kind in {"user", "usergroup", "channel", "broadcast"}:
        name = first(element, "user_id", "usergroup_id", "channel_id", "range")
        return marks.literal(f"{'#' if kind == 'channel' else '@'}{name}")
    return _styled(text(element.get("text")) or text(element.get("fallback")), one(element.get("style")))


def _styled(said: str, style: Object) -> str:
    if style.get("code"):
        return marks.inline_code(said)
    shown = marks.literal(said.strip())
    for name, mark in MARKS.items():
        if style.get(name) and shown:
            shown = f"{mark}{shown}{mark}"
    before, after = said[: len(said) - len(said.lstrip())], said[len(said.rstrip()) :]
    return f"{before}{shown}{after if said.strip() else ''}"


BLOCKS: dict[str, Callable[[Object], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "image": _image,
    "actions": _actions,
    "rich_text": _rich_text,
}
