"""Links in what people write: addresses that begin as such, and words with an address behind them."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt, helpers
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, link
from markdown_it.token import Token

UNSEEN = (
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
"""What shows nothing on a line, for patterns."""
EMPTY_LINK = re.compile(rf"\[{UNSEEN}*\]\(")
WHOLE_LINK = re.compile(r"https?://[^\s/?#\\]|mailto:[^?]", re.IGNORECASE)
ADDRESS = re.compile(r"(?<![A-Za-z0-9])https?://|(?<![A-Za-z0-9_@./:-])(www)\.", re.IGNORECASE)
OF_ADDRESSES = re.compile(
    "(?:[!-_a-~]|\\w|[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff]){1,2000}"
)
"""Letters and ASCII: a bracket or a mark of another script is of the text around the address."""
MAILBOX = re.compile(r"(?:^|[^\w.+@/:-]|(?<=mailto):)([a-z0-9][\w.+-]{0,63})$", re.ASCII | re.IGNORECASE)
HOST = re.compile(r"@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[a-z]{2,63})(?![a-z0-9_@]|:\w)", re.IGNORECASE)
"""The two sides of an e-mail address. With a colon behind it, it is one of git."""
BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
QUOTES = set("<\"'(")
"""What the address or the title of a link may stand in."""
ENDS_OF_LINKS = {"link_open": "[", "link_close": "]()"}
"""How the two ends of an empty link are written."""

_linkify = LinkifyIt()


def _address(state: StateInline, silent: bool) -> bool:
    """Make a link of an address that begins as such: of a file's name it is not known whether it is a host as well."""
    found = ADDRESS.match(state.src, state.pos, state.posMax)
    if state.linkLevel or not found:
        return False
    scheme = "https://" if found[1] else ""
    run = OF_ADDRESSES.match(state.src, state.pos, state.posMax)
    whole = _linkify.match_at_start(f"{scheme}{run[0]}") if run else None
    shown = whole.raw.removeprefix(scheme).rstrip("*~") if whole else ""
    return _push_link(state, silent, f"{scheme}{shown}", shown) if shown else False


def _mailbox(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or state.src[state.pos] != "@":
        return False
    host, mailbox = HOST.match(state.src, state.pos, state.posMax), MAILBOX.search(state.pending[-100:])
    if not host or not mailbox:
        return False
    state.pending = state.pending.removesuffix(mailbox[1])
    state.pos -= len(mailbox[1])
    shown = f"{mailbox[1]}@{host[1]}"
    return _push_link(state, silent, f"mailto:{shown}", shown)


def _push_link(state: StateInline, silent: bool, url: str, shown: str) -> bool:
    href = state.md.normalizeLink(url)
    if not state.md.validateLink(href):
        return False
    if not silent:
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.info = {"href": href}, "auto"
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1).info = "auto"
    state.pos += len(shown)
    return True


def _without_entities(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Take the address or the title of a link as it is typed: `&sect;` in it is no sign for something else."""

    def parsed(source: str, start: int, *more: Any) -> Any:
        found = parse(source, start, *more)
        if found.ok:
            raw = source[start : found.pos]
            found.str = BACKSLASH.sub("", raw[1:-1] if raw[:1] in QUOTES else raw)
        return found

    return parsed


def _link(state: StateInline, silent: bool) -> bool:
    return not EMPTY_LINK.match(state.src, state.pos) and link(state, silent)


def _autolink(state: StateInline, silent: bool) -> bool:
    return not state.linkLevel and autolink(state, silent)


def _mend_links(state: StateCore) -> None:
    """Let `[x]()`, which markdown-it takes for a link without asking, be text; show a link's title behind it."""
    for block in state.tokens:
        children: list[Token] = []
        title, is_empty = "", False
        for token in block.children or ():
            if token.type == "link_open":
                title, is_empty = str(token.attrs.pop("title", "")), not token.attrs["href"]
            as_typed = ENDS_OF_LINKS.get(token.type) if is_empty else None
            children.append(Token("text", "", 0, content=as_typed) if as_typed else token)
            if token.type == "link_close" and title:
                children.append(Token("text", "", 0, content=f' "{title}"'))
        block.children = children


def add_rules(parser: MarkdownIt) -> None:
    """Have the parser know these links, and no others."""
    parser.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=helpers.parseLinkLabel,
        parseLinkDestination=_without_entities(helpers.parseLinkDestination),
        parseLinkTitle=_without_entities(helpers.parseLinkTitle),
    )
    inline = parser.inline
    # Where an address may begin, what is plain text ends.
    inline.terminator_re = re.compile(f"{inline.terminator_re.pattern}|{ADDRESS.pattern}", re.IGNORECASE)
    inline.ruler.before("text", "address", _address)
    inline.ruler.at("link", _link)
    inline.ruler.at("autolink", _autolink)
    inline.ruler.after("autolink", "mailbox", _mailbox)
    parser.core.ruler.after("inline", "mend_links", _mend_links)
    # A relative link would lead somewhere else from every page, and from an export to a file server: it stays text.
    parser.validateLink = lambda url: WHOLE_LINK.match(url) is not None  # type: ignore[method-assign]
    # What is copied from a page is to be the address that was typed.
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
