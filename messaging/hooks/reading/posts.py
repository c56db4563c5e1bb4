"""What is said in the chat for what was posted: a name, an emoji, and texts in the chat's own marks."""

import re
from typing import Any, NamedTuple

from messaging.hooks.reading import alerts, attachments, blocks, events, marks, payload, slack
from messaging.hooks.reading.markdown import converted, either
from messaging.hooks.reading.payload import Posted, Unreadable
from messaging.hooks.reading.values import Object, first, objects
from notifications.push import text as prose

MOST_MESSAGES = 4
LONGEST_NAME = 80
END = "…"
CHAT_KEYS = {"text", "attachments", "blocks", "content", "embeds", "message", "body", "msg", "title"}
CODE = re.compile(r":([a-z0-9_+-]{1,80}):")
SURROGATES = re.compile("[\ud800-\udfff\0]")


class Post(NamedTuple):
    """What a sender wants said: as whom, if it says so, and the texts of one to four messages."""

    name: str
    emoji: str
    texts: list[str]


def read(posted: Posted) -> Post:
    """Return what was posted, by the recipe of docs/integrations-hooks.md; Unreadable if there is nothing in it."""
    found = payload.read(posted)
    event = next((value for name, value in posted.headers.items() if name.endswith("-event")), "")
    said = SURROGATES.sub("\ufffd", _said(found, event).replace("\r\n", "\n").replace("\r", "\n")).strip()
    texts = split(said)
    if not texts:
        raise Unreadable("no_text", "there is no text in it")
    by = found if isinstance(found, dict) else {}
    return Post(_name(first(by, "username", "alias")), _emoji(first(by, "icon_emoji", "emoji")), texts)


def _said(found: Any, event: str) -> str:
    if isinstance(found, payload.Broken):
        return marks.code(found) if found else ""
    if isinstance(found, payload.Plain):
        return marks.literal(found)
    if isinstance(found, dict) and alerts.is_meant(found):
        return alerts.read(found)
    if isinstance(found, dict) and not event and found.keys() & CHAT_KEYS:
        return _chat(found)
    return marks.literal(found) if isinstance(found, str) else events.read(found, event)


def _chat(found: Object) -> str:
    """Return a message as chats and push services have it. What is in blocks stands in `text` once more."""
    shown = blocks.read(found.get("blocks"))
    if not shown:
        title = _title(found)
        shown = marks.joined([title, _text(found)])
    files = marks.joined(marks.literal(f"📎 {first(each, 'filename', 'name')}") for each in _files(found))
    groups = attachments.read(_groups(found))
    return marks.joined([shown, groups, attachments.embeds(found.get("embeds")), files], "\n\n")


def _text(found: Object) -> str:
    if said := first(found, "text"):
        return slack.plain(said) if found.get("mrkdwn") is False else either(said)
    if said := first(found, "content"):
        return converted(said)
    said = first(found, "message", "body", "msg")
    return converted(said) if found.get("markdown") is True else marks.literal(said)


def _title(found: Object) -> str:
    title = first(found, "title")
    has_text = first(found, "message", "body", "msg", "text", "content")
    shown = marks.literal(" ".join(title.split()))
    return marks.bold(shown) if has_text else shown


def _groups(found: Object) -> list[Object]:
    return [each for each in objects(found.get("attachments")) if "filename" not in each]


def _files(found: Object) -> list[Object]:
    """Return the files that apprise sends along: they are named, not kept."""
    return [each for each in objects(found.get("attachments")) if first(each, "filename")]


def _name(name: str) -> str:
    """Return a name as one line without what nobody sees, the emoji in it as signs."""
    name = CODE.sub(lambda found: prose.signs().get(found[1], found[0]), prose.one_line(name, 4 * LONGEST_NAME))
    return "".join(each for each in name if not prose.is_unseen(each) or each in prose.JOINERS).strip()[:LONGEST_NAME]


def _emoji(typed: str) -> str:
    """Return the sign of a name like `:rocket:`; nothing for what is no emoji."""
    name = typed.strip().strip(":").partition("::")[0].lower()
    signs = prose.signs()
    return signs.get(name) or (typed.strip() if typed.strip() in signs.values() else "")


def split(said: str, longest: int = prose.MAX_LENGTH) -> list[str]:
    """Return a text as at most four that are short enough, cut at lines; what is left is three dots."""
    texts: list[str] = []
    rest = said
    while rest and len(texts) < MOST_MESSAGES:
        piece, rest = _cut(rest, longest - len("\n```\n…"))
        if rest and len(texts) == MOST_MESSAGES - 1:
            piece = f"{piece}\n{END}" if not _is_open(piece) else f"{piece}\n```\n{END}"
        elif _is_open(piece) and rest:
            # Code that goes on in the next message is code there, too.
            piece, rest = f"{piece}\n```", f"```\n{rest}"
        texts.append(piece.strip("\n"))
    return [each for each in texts if each.strip()]


def _cut(said: str, longest: int) -> tuple[str, str]:
    if len(said) <= longest:
        return said, ""
    # Not far before its end: one short line would be a message for itself.
    at = said.rfind("\n", longest // 2, longest)
    at = at if at > 0 else longest
    return said[:at], said[at:].lstrip("\n")


def _is_open(piece: str) -> bool:
    return sum(line.lstrip("> ").startswith("```") for line in piece.split("\n")) % 2 == 1
