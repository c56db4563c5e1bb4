"""Marks of the chat's own language, and texts in which nothing is one."""

import re
from collections.abc import Callable, Iterable

MEANT = re.compile(r"[*~`]|\](?=\()|@(?=\w)|(?m:^[ \t]*(?:[-+>]|\d{1,10}[.)])(?=\s))")
"""What the renderer would take for a mark (see notifications/prose), and what would call somebody."""
HELD = re.compile("\ue000(\\d+)\ue001")
HOLDERS = str.maketrans({"\ue000": "\ufffd", "\ue001": "\ufffd"})
FENCE = re.compile(r"^\s*```")


def literal(text: str) -> str:
    """Return a text of which every character is shown as it is."""
    return MEANT.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def code(text: str) -> str:
    """Return a text of several lines as a block of code."""
    return f"```\n{text.replace('```', '` ` `')}\n```"


def inline_code(text: str) -> str:
    """Return a text of one line as code."""
    return f"`{text}`" if text.strip() and "`" not in text and "\n" not in text else literal(text)


def bold(text: str) -> str:
    """Return what is literal already, set off."""
    return f"**{text.strip()}**" if text.strip() else ""


def link(url: str, label: str = "") -> str:
    """Return words that lead to an address: the words alone if that is none of the web or of mail."""
    label = " ".join(label.split())
    if not url.startswith(("http://", "https://", "mailto:")):
        return literal(f"{label} ({url})" if label and url and label != url else label or url)
    for character in " ()<>\\":
        url = url.replace(character, f"%{ord(character):02X}")
    if not _is_balanced(label):
        label = label.replace("[", "(").replace("]", ")")
    shown = literal(label)
    return f"[{shown}]({url})" if label and label != url else url


def _is_balanced(label: str) -> bool:
    """Return whether its brackets may stand in those of a link."""
    depth = 0
    for character in label:
        depth += (character == "[") - (character == "]")
        if depth < 0:
            return False
    return depth == 0 and "](" not in label


def quoted(text: str) -> str:
    """Return the lines of a text as a quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def joined(parts: Iterable[str], between: str = "\n") -> str:
    """Return those that are not empty, one below the other."""
    return between.join(part for part in parts if part.strip())


class Keeper:
    """Holds back pieces of a text that are finished, while the rest of it is being changed."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def keep(self, piece: str) -> str:
        """Return what stands for the piece meanwhile."""
        self.kept.append(piece)
        return f"\ue000{len(self.kept) - 1}\ue001"

    def holding(self, make: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        """Return a replacement that keeps what `make` makes of what was found."""
        return lambda found: self.keep(make(found))

    def released(self, text: str) -> str:
        """Return the text with all pieces in their places: some are within others."""
        while HELD.search(text):
            text = HELD.sub(lambda found: self.kept[int(found[1])], text)
        return text
