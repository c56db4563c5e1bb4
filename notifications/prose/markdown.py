"""The marks that people write, and the HTML they become. What is none of these marks stays as it was typed.

docs/user.md says what they are. Whatever of markdown-it knows more, or would drop something, is replaced or left out.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_block.fence import make_fence_rule
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.token import Token

from notifications.prose import emoji_names, links, task_lists
from notifications.prose.highlighting import CLASSES, highlighted
from notifications.prose.links import UNSEEN
from notifications.prose.tables import CLASSES as ALIGNED
from notifications.prose.tables import table

Places = Callable[[list[str]], list[list[tuple[int, int]]]]

ALLOWED_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "mark", "span"}
ALLOWED_TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "input"}
DEEPEST = 10
"""So deep quotes and lists go, where an item counts twice. What is past its own limit, markdown-it drops."""
ITEM = re.compile(r"(\d{1,10})[.)](?=\s|$)|[-+*](?=\s|$)")
NUMBER = re.compile(r"0|[1-9]\d{0,2}")
"""The numbers of lists. One that is longer is a year or the like, and a browser would show `007` as 7."""
ONLY_MARKS = re.compile(rf"(?:[-+*>=_~#`]|\d{{1,10}}[.)](?=\s|$)|{UNSEEN})*")
INDENT = re.compile(r"[ \t]+")
BLANKS = re.compile(r"(?:[ \t]{2,}|\t)\S*")
BLANKS_OF_LINE = re.compile(rf"^[ \t]+\S*|{BLANKS.pattern}")
"""What a browser would make one blank of, with the word behind it."""
ESCAPED = re.compile(r"[*~`]|\[(?=[^\[\]\n]*\\?\]\()|\](?=\()|@(?=\w)")
"""What a backslash stands before for a mark to be none. Elsewhere it belongs to a path, a pattern or a face."""
ESCAPED_BY_PLACE = re.compile(r"[-+>.)](?=\s)")
"""The same where a line begins, and behind the number that it begins with."""
TOGETHER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)
"""Letters of scripts that have no space between words, or join words to names: Chinese, Japanese, Korean, Thai, …"""


def _is_as_typed(state: StateBlock, line: int) -> bool:
    """Return whether a line begins no list and no quote, though it looks so: it is all marks, or has an odd number."""
    content = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    item = ITEM.match(content)
    is_odd = bool(item and item[1] and not NUMBER.fullmatch(item[1]))
    return is_odd or ONLY_MARKS.fullmatch(content) is not None


def _list(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    return state.level <= DEEPEST and not _is_as_typed(state, line) and list_block(state, line, end, silent)


def _ends_list(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    return silent and _is_as_typed(state, line)


def _ends_item(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """End an item with what is indented as it is: a line that begins further left comes behind the list."""
    return silent and 0 <= state.sCount[line] < state.blkIndent


def _quote(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    # A quote may begin with an empty line; further down nobody looks, or many empty ones would take for ever.
    starts = [state.bMarks[each] + state.tShift[each] for each in range(line, min(line + 2, end))]
    quoted = [state.src.startswith(">", start) and not _is_as_typed(state, line + n) for n, start in enumerate(starts)]
    is_quote = state.src.startswith(">", starts[0]) and any(quoted) and state.level <= DEEPEST
    return is_quote and blockquote(state, line, end, silent)


def _ends_quote(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """End a quote with the last line that has its mark: what comes below it is an answer."""
    return silent


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    return state.level <= DEEPEST and table(state, line, end, silent)


def _indented_code(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Leave it to be a paragraph. The rule is there for others to know that an indented line begins no list."""
    return False


def _keep_first_indent(state: StateCore) -> None:
    """Give paragraphs back the blanks that stood before their first line."""
    lines = state.src.split("\n")
    for token in state.tokens:
        if token.type == "inline" and token.level == 1 and token.map and (indent := INDENT.match(lines[token.map[0]])):
            token.content = indent[0] + token.content


def _number_items(state: StateCore) -> None:
    """Let the items of lists that are not numbered 1, 2, 3, … bear their own numbers."""
    open_lists: list[list[Token]] = []
    for token in state.tokens:
        if token.type == "ordered_list_open":
            open_lists.append([])
        elif token.type == "list_item_open" and token.info:
            open_lists[-1].append(token)
        elif token.type == "ordered_list_close":
            items = open_lists.pop()
            if [int(item.info) for item in items] != list(range(1, len(items) + 1)):
                for item in items:
                    item.attrSet("value", item.info)


def _indent(state: StateInline, silent: bool) -> bool:
    """Keep the blanks that a line begins with."""
    is_start = state.pos == 0 or state.src[state.pos - 1] == "\n"
    found = INDENT.match(state.src, state.pos, state.posMax) if is_start else None
    if found and not silent:
        token = state.push("text_special", "", 0)
        token.content, token.meta = found[0], {"begins_line": True}
    state.pos = found.end() if found else state.pos
    return found is not None


def _newline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")
        state.push("softbreak", "br", 0)
    state.pos += 1
    return True


def _escape(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "\\":
        return False
    place = state.pos + 1, state.posMax
    found = ESCAPED.match(state.src, *place)
    if not found and (by_place := ESCAPED_BY_PLACE.match(state.src, *place)):
        line = state.src[state.src.rfind("\n", 0, state.pos) + 1 : state.pos].strip()
        is_mark = line.isdecimal() if by_place[0] in ".)" else not line
        found = by_place if is_mark else None
    if found and not silent:
        # An @ stays apart from the name behind it, which is not called.
        state.push("at" if found[0] == "@" else "text_special", "", 0).content = found[0]
    state.pos = found.end() if found else state.pos
    return found is not None


def _is_word(character: str) -> bool:
    return (character.isalnum() or character == "_") and not TOGETHER.match(character)


def _around_words(tokenize: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Have marks mean something only around words: not inside of one, nor in paths, patterns and sums."""

    def rule(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.delimiters)
        if state.src[start] == "_" or not tokenize(state, silent):
            return False
        before = state.src[start - 1] if start else "\n"
        after = state.src[state.pos] if state.pos < state.posMax else "\n"
        for mark in state.delimiters[known:]:
            mark.open = not (_is_word(before) or before in "/\\.)]}" or after.isspace() or after in "/\\.)")
            mark.close = not (before.isspace() or before in "/\\(" or _is_word(after) or after in "/\\")
        return True

    return rule


class _Html(RendererHTML):
    """What a browser is given of the tokens that are not markdown-it's own, or of which it would drop something."""

    def text(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        content, shown, last = tokens[idx].content, "", 0
        blanks = BLANKS_OF_LINE if "begins_line" in tokens[idx].meta else BLANKS
        for start, end in tokens[idx].meta.get("marked", ()):
            shown += f"{_keep(blanks, content[last:start])}<mark>{escapeHtml(content[start:end])}</mark>"
            blanks, last = BLANKS, end
        return shown + _keep(blanks, content[last:])

    def at(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return "@"

    def fence(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        """Show behind the first marks the language's name, or whatever else somebody has begun there."""
        name, code = tokens[idx].info.strip(), tokens[idx].content
        if name.split() != [name] or not code.strip():
            name, code = "", f"{name}\n{code}" if name else code
        head = f"<em>{escapeHtml(name)}\n</em>" if name else ""
        return f"<pre>{head}<code>{highlighted(code, name) or escapeHtml(code)}</code></pre>\n"


def _keep(blanks: re.Pattern[str], content: str) -> str:
    return blanks.sub(r"<span>\g<0></span>", escapeHtml(content))


def _new_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}, renderer_cls=_Html)
    parser.enable("strikethrough")
    # Raw HTML, images and headings are left out: a chat line is no web page, and an image would tell its server
    # who reads here.
    parser.disable(["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference", "entity"])
    blocks, inline = parser.block.ruler, parser.inline.ruler
    within = ["paragraph", "blockquote"]
    blocks.at("code", _indented_code)
    blocks.at("fence", make_fence_rule(markers=("`",)), {"alt": [*within, "list"]})
    blocks.at("blockquote", _quote, {"alt": [*within, "list"]})
    blocks.at("list", _list, {"alt": within})
    blocks.before("list", "ends_list", _ends_list, {"alt": ["list"]})
    blocks.before("list", "ends_item", _ends_item, {"alt": ["paragraph"]})
    blocks.before("blockquote", "ends_quote", _ends_quote, {"alt": ["blockquote"]})
    blocks.before("paragraph", "table", _table, {"alt": ["paragraph"]})
    parser.core.ruler.after("block", "keep_first_indent", _keep_first_indent)
    parser.core.ruler.after("block", "number_items", _number_items)
    inline.before("text", "indent", _indent)
    inline.at("newline", _newline)
    inline.at("escape", _escape)
    inline.at("emphasis", _around_words(emphasis.tokenize))
    inline.at("strikethrough", _around_words(strikethrough.tokenize))
    links.add_rules(parser)
    emoji_names.add_rules(parser)
    task_lists.add_rules(parser)
    return parser


_parser = _new_parser()
# The allow-list comes after the renderer, whatever that lets through: no id, data- or hx- attribute and no class but
# those of prose may reach a page, where htmx would act on it.
_sanitiser = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    attributes={
        "*": set(),
        "a": {"href"},
        "ol": {"start"},
        "li": {"value"},
        "span": {"title"},
        "input": {"type", "disabled", "checked", "aria-label"},
    },
    allowed_classes={"span": {*CLASSES.values(), "emoji"}, "th": set(ALIGNED.values()), "td": set(ALIGNED.values())},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def _spoken(tokens: list[Token]) -> Iterator[Token]:
    """Yield the texts that are somebody's own words: no code, no quotes, no addresses."""
    quotes = 0
    for block in tokens:
        quotes += block.nesting * (block.tag == "blockquote")
        is_address = False
        for token in (block.children or ()) if not quotes else ():
            if token.type in {"link_open", "link_close"}:
                is_address = token.type == "link_open" and token.info == "auto"
            elif token.type == "text" and not is_address:
                yield token


def render(text: str, places: Places | None = None) -> str:
    """Render limited Markdown to HTML of allowed tags only.

    `places` is given the pieces that are somebody's own words, and says of each from where to where it is set off.
    """
    tokens = _parser.parse(text)
    spoken = list(_spoken(tokens)) if places else []
    for token, found in zip(spoken, places([token.content for token in spoken]) if places else (), strict=True):
        token.meta["marked"] = found
    return _sanitiser.clean(_parser.renderer.render(tokens, _parser.options, {}))
