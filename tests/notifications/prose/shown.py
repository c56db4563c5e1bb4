"""What of a text a reader sees: every letter and digit, as it was typed, in order."""

from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

HARD = (
    "before\n\n- - - - - - - - - - - -\n\n" + "> " * 40 + "deep\n\n24. four\n31. one\n\n    indented __init__.py\n\n"
    "C:\\.ssh 2*3*4 &amp; [words](https://example.org/u1) https://example.org/a%20b\n\n```py\nx = 1\n```\nafter"
)
"""What is easily lost."""


def letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, text))


def shown(html: str) -> str:
    """Return the letters and digits that a page shows of a text, the numbers of lists among them.

    The address of `[words](address)` is not among the words: it is where they lead, and so counts behind them. An
    address that is a link by itself counts once.
    """
    return letters(_seen(BeautifulSoup(html, "html.parser")))


def _seen(tag: Tag) -> str:
    number, seen = int(str(tag.get("start", "1"))), ""
    for child in tag.children:
        if isinstance(child, NavigableString):
            seen += child
        elif isinstance(child, Tag):
            if tag.name == "ol" and child.name == "li":
                number = int(str(child.get("value", str(number))))
                seen += f"{number}."
                number += 1
            # What stands for something that was typed says what that was.
            seen += str(child.get("title", "")) or _seen(child) + _address(child)
            seen += "x" if child.has_attr("checked") else ""
    return seen


def _address(tag: Tag) -> str:
    href = str(tag.get("href", ""))
    is_shown = {href, unquote(href)} & {tag.text, f"https://{tag.text}", f"mailto:{tag.text}"}
    return "" if is_shown else unquote(href)
