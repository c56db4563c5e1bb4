"""What people write: what is accepted, and how it becomes safe HTML."""

import re
import unicodedata
from itertools import pairwise
from urllib.parse import urlsplit

import nh3
from django.core.exceptions import ValidationError
from django.utils.http import url_has_allowed_host_and_scheme
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

MAX_LENGTH = 10_000
ALLOWED_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
WHOLE_LINK = re.compile(r"https?://[^\s/?#\\]|mailto:[^?]", re.IGNORECASE)
ENDS_OF_LINKS = {"link_open": "[", "link_close": "]()"}
"""How the two ends of an empty link are written."""
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Categories of control, format and private characters, of half pairs, and of what ends lines."""
BLANK = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
"""Letters, marks and signs that show nothing."""
COLOURED = "\ufe0f"
JOINERS = ("\u200d", "\ufe0e", COLOURED)
"""What several signs are joined by to one, or one is coloured by: behind a sign they can be seen."""
SIGNS = {"So", "Sk"}

# Raw HTML, images, headings and tables are left out: a chat line is no web page, and an image would tell its server
# who reads here.
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    .enable(["linkify", "strikethrough"])
    .disable(["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference", "code"])
)


def _unlink(state: StateCore) -> None:
    """Let `[x]()`, which markdown-it takes for a link without asking, be text."""
    for block in state.tokens:
        is_empty = False
        for token in block.children or ():
            if token.type == "link_open":
                is_empty = not token.attrs["href"]
            if is_empty and token.type in ENDS_OF_LINKS:
                token.content, token.type, token.tag = ENDS_OF_LINKS[token.type], "text", ""
                token.nesting = 0


# A relative link would lead somewhere else from every page, and from an export to a file server: it stays text.
_markdown.validateLink = lambda url: WHOLE_LINK.match(url) is not None  # type: ignore[method-assign]
_markdown.core.ruler.push("unlink", _unlink)
# The allow-list comes after the renderer, whatever that lets through: no id, class, data- or hx- attribute may reach a
# page, where htmx would act on it.
_sanitiser = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def clean(text: str) -> str:
    """Return the text as it is stored; ValidationError if it is empty, too long or no valid Unicode."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise ValidationError("Write something first.", code="empty")
    if len(text) > MAX_LENGTH:
        raise ValidationError(
            "This is too long: %(length)s characters, and at most %(limit)s are possible.",
            code="too_long",
            params={"length": f"{len(text):,}", "limit": f"{MAX_LENGTH:,}"},
        )
    # NUL is refused by PostgreSQL, and half a surrogate pair (from JSON) by every encoding.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationError("This has characters that cannot be stored.", code="invalid")
    return text


def clean_name(name: str, limit: int) -> str:
    """Return the name of a person, a room and the like as it is stored: one line, composed (NFC), single spaces.

    ValidationError if it has characters that nobody sees or that turn others around, or nothing else: it would pass for
    another name.
    """
    name = unicodedata.normalize("NFC", name)
    for before, character in pairwise(f" {name}"):
        joins_signs = character in JOINERS and (before == COLOURED or unicodedata.category(before) in SIGNS)
        if (unicodedata.category(character) in UNSEEN or character in BLANK) and not joins_signs:
            raise ValidationError("Leave out the characters that cannot be seen.", code="invalid")
    name = " ".join(name.split())
    if len(name) > limit:
        raise ValidationError("At most %(limit)s characters are possible.", code="too_long", params={"limit": limit})
    if name and (name[0] in JOINERS or unicodedata.category(name[0])[0] == "M"):
        raise ValidationError("Begin with a letter, a digit or a sign.", code="invalid")
    return name


def one_line(text: str, limit: int) -> str:
    """Return the text as one line that every database can store, cut to so many characters."""
    one = " ".join(text.replace("\0", " ").split()).encode(errors="replace").decode()
    return one if len(one) <= limit else one[: limit - 1] + "…"


def is_address(url: str) -> bool:
    """Return whether it is a path on this site (`/…`) or a whole `http(s)://` address, for every browser alike."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return False
    is_path = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    is_plain = url.isprintable() and url == url.strip() and "\\" not in url and " " not in parts.netloc
    return is_plain and (is_path or is_whole)


def render(text: str) -> str:
    """Render limited Markdown to HTML of allowed tags only."""
    return _sanitiser.clean(_markdown.render(text))
