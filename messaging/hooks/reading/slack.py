"""Slack's way of writing: `*bold*`, `_italic_`, `<address|words>`; what names people there calls nobody here."""

import re

from messaging.hooks.reading import marks

ANGLE = re.compile(r"<([^<>\n]+)>")
SPECIAL = re.compile(r"[@#][A-Z0-9]+(?:\|.*)?|!(?:here|channel|everyone|subteam\^.*|date\^.*)(?:\|.*)?")
CODE = re.compile(r"`([^`\n]+)`")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
PAIRS = ((r"\*", "**"), ("_", "*"), ("~", "~~"))
ADDRESS = re.compile(r"https?://[^\s<>|\ue000]+")


def mrkdwn(text: str) -> str:
    """Return what was written in Slack's way."""
    keeper = marks.Keeper()
    text = _with_blocks(text.translate(marks.HOLDERS), keeper)
    text = CODE.sub(keeper.holding(lambda found: marks.inline_code(decoded(found[1]))), text)
    text = _with_angles(text, keeper)
    for mark, ours in PAIRS:
        around = rf"(?<![\w{mark}]){mark}(?=[^\s{mark}])([^{mark}\n]*[^\s{mark}]){mark}(?![\w{mark}])"
        held = keeper.keep(ours)
        text = re.sub(around, rf"{held}\1{held}", text)
    # Slack's own quotes begin a line with it, encoded or not.
    text = re.sub(r"(?m)^(?:&gt;|>) ?(?=\S)", lambda _: keeper.keep("> "), text)
    return keeper.released(marks.literal(decoded(text)))


def plain(text: str) -> str:
    """Return a text without marks, but with Slack's links in it."""
    keeper = marks.Keeper()
    return keeper.released(marks.literal(decoded(_with_angles(text.translate(marks.HOLDERS), keeper))))


def angle(inside: str) -> str | None:
    """Return what stands for `<inside>`; None where Slack means nothing by it."""
    target, _, label = inside.partition("|")
    if target.startswith(("http://", "https://", "mailto:")):
        return marks.link(decoded(target), decoded(label) or target.removeprefix("mailto:"))
    if not SPECIAL.fullmatch(inside):
        return None
    sign = "#" if target.startswith("#") else "@"
    if target.startswith("!date"):
        return marks.literal(decoded(label or target))
    name = label or target.lstrip("@#!").partition("^")[0]
    return marks.literal(f"{sign}{decoded(name).lstrip('@#')}")


def decoded(text: str) -> str:
    """Return a text with the three signs that Slack asks to be written otherwise: decoded once, after cutting."""
    for written, meant in ENTITIES:
        text = text.replace(written, meant)
    return text


def _with_angles(text: str, keeper: marks.Keeper) -> str:
    def replaced(found: re.Match[str]) -> str:
        shown = angle(found[1])
        return found[0] if shown is None else keeper.keep(shown)

    # An address that stands there as it is has marks in it that mean nothing.
    return ADDRESS.sub(keeper.holding(lambda found: decoded(found[0])), ANGLE.sub(replaced, text))


def _with_blocks(text: str, keeper: marks.Keeper) -> str:
    pieces = text.split("```")
    if len(pieces) % 2 == 0:
        # Of three backticks that nothing ends, no block begins.
        pieces[-2:] = ["```".join(pieces[-2:])]
    for place in range(1, len(pieces), 2):
        pieces[place] = f"\n{keeper.keep(marks.code(decoded(pieces[place].strip())))}\n"
    return "".join(pieces)
