"""The Markdown of Mattermost, Rocket.Chat and Discord, as far as the chat's own is another one."""

import re

from messaging.hooks.reading import marks, slack

SIGNS = re.compile(r"\*\*\S|\]\(|^#{1,6} \S|^[ \t|:]*-{3,}[ \t:]*\||~~\S|^```\w+$|\\[_*#<>`~]", re.MULTILINE)
"""What Slack's own senders do not write."""
CODE = re.compile(r"`[^`\n]+`")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
HEADING = re.compile(r"^#{1,6}[ \t]+(\S.*)$", re.MULTILINE)
IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\(<?(https?://[^\s()<>]+)>?(?:[ \t][^()\n]*)?\)")
LINK = re.compile(r"\[([^\[\]\n]*)\]\(<([^<>\n]+)>\)")
ADDRESS = re.compile(r"(?<=\]\()[^()\s]+|https?://[^\s<>|()\ue000]+")
ITALIC = re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]*[^\s_])_(?![\w_])")
STRONG = re.compile(r"(?<![\w_])__(?=[^\s_])([^_\n]*[^\s_])__(?![\w_])")


def is_meant(text: str) -> bool:
    """Return whether a text that may be Slack's or Markdown is the latter."""
    return SIGNS.search(text) is not None


def converted(text: str) -> str:
    """Return what was written in Markdown."""
    keeper = marks.Keeper()
    text = _with_blocks(text.translate(marks.HOLDERS), keeper)
    text = CODE.sub(keeper.holding(lambda found: found[0]), text)
    text = ESCAPED.sub(keeper.holding(lambda found: marks.literal(found[1])), text)
    text = IMAGE.sub(lambda found: keeper.keep(marks.link(found[2], found[1])), text)
    text = LINK.sub(lambda found: keeper.keep(marks.link(found[2], found[1])), text)
    text = slack.ANGLE.sub(lambda found: _angle(found, keeper), text)
    text = ADDRESS.sub(keeper.holding(lambda found: found[0]), text)
    text = HEADING.sub(lambda found: marks.bold(found[1].rstrip(" \t#").replace("**", "")), text)
    text = ITALIC.sub(r"*\1*", STRONG.sub(r"**\1**", text))
    text = re.sub(r"@(?=\w)", lambda _: keeper.keep("\\@"), slack.decoded(text))
    return keeper.released(text)


def either(text: str) -> str:
    """Return a text of a sender that may write in Slack's way or in Markdown: their posts look alike."""
    return converted(text) if is_meant(text) else slack.mrkdwn(text)


def _angle(found: re.Match[str], keeper: marks.Keeper) -> str:
    shown = slack.angle(found[1])
    return found[0] if shown is None else keeper.keep(shown)


def _with_blocks(text: str, keeper: marks.Keeper) -> str:
    """Keep blocks of code as they are; one that is not ended goes to the end, as for the renderer."""
    shown: list[str] = []
    block: list[str] = []
    for line in text.split("\n"):
        is_fence = line.lstrip().startswith("```")
        if block or is_fence:
            block.append(line)
        else:
            shown.append(line)
        if len(block) > 1 and is_fence:
            shown.append(keeper.keep("\n".join(block)))
            block = []
    if block:
        shown.append(keeper.keep("\n".join(block)))
    return "\n".join(shown)
