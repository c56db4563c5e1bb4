"""Task lists: items that begin with `[ ]` or `[x]` show a box."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

BOX = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
HTML = {
    True: '<input type="checkbox" disabled checked aria-label="Done"> ',
    False: '<input type="checkbox" disabled aria-label="To do"> ',
}


def _find_boxes(state: StateCore) -> None:
    """Take the marks from the items' texts, before they are looked at as what they would be else."""
    for item, _, text in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        found = BOX.match(text.content) if item.type == "list_item_open" and text.type == "inline" else None
        if found:
            text.content = text.content[found.end() :]
            text.meta["is_done"] = found[1] != " "


def _put_boxes(state: StateCore) -> None:
    for text in state.tokens:
        if "is_done" in text.meta:
            text.children = [Token("box", "", 0, meta=text.meta), *(text.children or ())]


def _box(renderer: Any, tokens: Any, idx: int, options: Any, env: Any) -> str:
    return HTML[tokens[idx].meta["is_done"]]


def add_rules(parser: MarkdownIt) -> None:
    """Have the parser know them."""
    parser.core.ruler.after("block", "find_boxes", _find_boxes)
    parser.core.ruler.after("inline", "put_boxes", _put_boxes)
    parser.add_render_rule("box", _box)
