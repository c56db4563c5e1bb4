"""Emoji by their names: `:tada:` is shown as the sign, and says what was typed."""

import re
from functools import cache
from typing import Any

import emoji
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline import StateInline

NAME = re.compile(r":([a-z0-9_+-]{1,80}):(?![\w:])", re.ASCII)


@cache
def signs() -> dict[str, str]:
    """Return the emoji by all of their names, in the order of Unicode; the first name of each is its usual one."""
    found: dict[str, str] = {}
    for sign, data in emoji.EMOJI_DATA.items():
        if data["status"] == emoji.STATUS["fully_qualified"]:
            names: list[str] = [*data.get("alias", ()), data["en"]]
            found.update((name.lower()[1:-1], sign) for name in names if NAME.fullmatch(name.lower()))
    return found


def _emoji(state: StateInline, silent: bool) -> bool:
    """Take a name that is known, where neither a word nor another colon touches it: not in times, nor in `a::b`."""
    before = state.src[state.pos - 1 : state.pos]
    found = None if before.isalnum() or before == ":" else NAME.match(state.src, state.pos, state.posMax)
    sign = signs().get(found[1]) if found else None
    if not found or not sign:
        return False
    if not silent:
        token = state.push("emoji", "", 0)
        token.content, token.info = sign, found[0]
    state.pos = found.end()
    return True


def _shown(renderer: Any, tokens: Any, idx: int, options: Any, env: Any) -> str:
    return f'<span class="emoji" title="{escapeHtml(tokens[idx].info)}">{escapeHtml(tokens[idx].content)}</span>'


def add_rules(parser: MarkdownIt) -> None:
    """Have the parser know them."""
    parser.inline.ruler.after("text", "emoji", _emoji)
    parser.add_render_rule("emoji", _shown)
