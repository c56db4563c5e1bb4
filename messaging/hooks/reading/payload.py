"""What was posted, from its bytes: the type that a sender names says little of what it sends."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from messaging.hooks.reading import values

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FIELDS = ("text", "message", "body", "content", "msg", "payload")
MOST_FIELDS = 1000
CHARSETS = re.compile(
    r"utf-?(?:8|16)|(?:us-)?ascii|latin-?1|iso-8859-(?:[1-9]|1[013456])|(?:windows-|cp)125[0-8]|gb18030|big5"
)
"""Python knows more names, some of what makes no text, and one that takes for ever on little."""


class Unreadable(Exception):
    """What was posted can be no message: a word as Slack answers it, and the reason in one line."""

    def __init__(self, word: str, reason: str) -> None:
        super().__init__(f"{word}: {reason}")
        self.word, self.reason = word, reason


class Posted(NamedTuple):
    """A request as it came: `fields` are those of a multipart body, `headers` are asked for in lower case."""

    body: bytes
    content_type: str = ""
    charset: str = ""
    fields: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


class Plain(str):
    """A text with no marks."""

    __slots__ = ()


class Broken(str):
    """What should have been JSON and is none: better shown than lost."""

    __slots__ = ()


def read(posted: Posted) -> Any:
    """Return the JSON that was posted, the fields of a form as a dictionary, or else a `Plain` or `Broken` text.

    Unreadable if it says that it is JSON, and is not.
    """
    if posted.content_type == MULTIPART:
        return _form(dict(posted.fields))
    text = _decoded(posted.body, posted.charset)
    if text.startswith(("{", "[")):
        return _json_or_text(text, must_be="json" in posted.content_type)
    if text.startswith("payload="):
        return _payload(text.removeprefix("payload="))
    if posted.content_type == FORM and (fields := _fields(text)):
        return _form(fields)
    if "json" in posted.content_type and text:
        return _json_or_text(text, must_be=True)
    return Plain(text) if text else _of_headers(posted.headers)


def _decoded(body: bytes, charset: str) -> str:
    text = body.decode(charset if CHARSETS.fullmatch(charset.lower()) else "utf-8", errors="replace")
    return text.removeprefix("\ufeff").strip()


def _json_or_text(text: str, *, must_be: bool) -> Any:
    try:
        return values.parsed(text)
    except json.JSONDecodeError as error:
        if must_be:
            raise Unreadable("invalid_payload", f"this is no JSON: {error}") from error
    except ValueError as error:
        raise Unreadable("invalid_payload", f"this JSON cannot be read: {error}") from error
    return Broken(text)


def _payload(rest: str) -> Any:
    """Return what a form's `payload` says, which some senders do not encode: then a form's parser would cut it."""
    if not rest.lstrip().startswith("{"):
        rest = dict(parse_qsl(f"payload={rest}", keep_blank_values=True)).get("payload", "")
    return _form({"payload": rest})


def _form(fields: dict[str, str]) -> Any:
    if "payload" not in fields:
        return {name: value for name, value in fields.items() if name != "attachments"}
    try:
        return values.parsed(fields["payload"])
    except ValueError:
        return Broken(fields["payload"].strip())


def _fields(text: str) -> dict[str, str]:
    """Return the fields of a form that has a text among them; none if it is no such form."""
    try:
        fields = dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}
    return fields if fields.keys() & set(FIELDS) else {}


def _of_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what ntfy's senders say in headers when the body is empty."""
    names = ("message", "title", "tags", "priority")
    found = {name: headers.get(f"x-{name}") or headers.get(name) or "" for name in names}
    return {name: _of_header(value) for name, value in found.items() if value}


def _of_header(value: str) -> str:
    """Return a header's text: its bytes come as Latin-1, and are UTF-8 if they can be."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
