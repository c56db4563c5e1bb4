"""What people write: what is accepted, and how it becomes safe HTML."""

import nh3
from django.core.exceptions import ValidationError
from markdown_it import MarkdownIt

MAX_LENGTH = 10_000
ALLOWED_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}

# Raw HTML, images, headings and tables are left out: a chat line is no web page, and an image would tell its server
# who reads here.
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20})
    .enable(["linkify", "strikethrough"])
    .disable(["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference", "code"])
)
# The allow-list comes after the renderer, whatever that lets through: no id, class, data- or hx- attribute may reach a
# page, where htmx would act on it.
_sanitiser = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
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


def one_line(text: str, limit: int) -> str:
    """Return the text as one line that every database can store, cut to so many characters."""
    one = " ".join(text.replace("\0", " ").split()).encode(errors="replace").decode()
    return one if len(one) <= limit else one[: limit - 1] + "…"


def render(text: str) -> str:
    """Render limited Markdown to HTML of allowed tags only."""
    return _sanitiser.clean(_markdown.render(text))
