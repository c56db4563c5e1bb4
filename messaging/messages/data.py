"""A message as JSON: one form for the HTTP API, JSON sockets and webhooks, the same for everybody, as its HTML is.

The types say what of it is there, and make the schemas of the documents that describe it (OpenAPI, AsyncAPI).
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.conf import settings
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from messaging.accounts.people import shown_name
from messaging.messages import parts
from messaging.messages.models import Message

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment in UTC, as `2026-11-30T09:15:00.123456Z`."""


class PersonData(TypedDict):
    """Somebody: by the name that pages show, and by the one that they sign in with."""

    id: int
    username: str
    name: str


class ReactionData(TypedDict):
    """One emoji beneath a message, and the ids of those who put it there."""

    emoji: str
    count: int
    users: list[int]


class FileData(TypedDict):
    """A file of a message. `url` is read with a token, `page` by people in a browser; `size` is in bytes."""

    key: str
    name: str
    type: str
    kind: str
    size: int
    alt: str
    url: str
    page: str


class ThreadData(TypedDict):
    """The thread below a message: the chat with the answers, how many there are, and when the last one came."""

    chat: int
    count: int
    last_at: Moment


class ForwardData(TypedDict):
    """What of another message is forwarded by this one: its id, the id of its author, and its words."""

    id: int
    author: int
    html: str


class MessageData(TypedDict):
    """A message. One that was deleted has `deleted` true, and no text or files any more.

    `seq` is the chat's number of its last change, `number` its place in the chat, which it keeps.
    """

    id: int
    chat: int
    number: int
    seq: int
    author: PersonData
    text: str
    html: Annotated[str, Field(description="The text as safe HTML.")]
    created_at: Moment
    edited_at: Moment | None
    deleted: bool
    client_id: str
    url: str
    reply_to: Annotated[int | None, Field(description="The id of the message that it answers.")]
    copy_of: Annotated[int | None, Field(description="The id of the answer in a thread that it is a copy of.")]
    thread: ThreadData | None
    forward: ForwardData | None
    reactions: list[ReactionData]
    files: list[FileData]
    links: Annotated[list[int], Field(description="The ids of the messages that its text links to.")]
    pinned: bool


def data_of(message: Message) -> MessageData:
    """Return a message as JSON has it. It asks for nothing where the message was read with its `author`."""
    found: dict[str, Any] = {
        "id": message.pk,
        "chat": message.chat_id,
        "number": message.number,
        "seq": message.changed_seq,
        "author": person(message.author),
        "text": message.body,
        "html": message.html,
        "created_at": moment(message.created_at),
        "edited_at": message.edited_at and moment(message.edited_at),
        "deleted": message.deleted_at is not None,
        "client_id": str(message.client_id),
        "url": address(message.get_absolute_url()),
        **NO_PARTS,
        **parts.data(message.parts),
    }
    return MessageData(**found)  # type: ignore[typeddict-item]  # mypy knows no names in it


NO_PARTS: dict[str, Any] = {
    "reply_to": None,
    "copy_of": None,
    "thread": None,
    "forward": None,
    "reactions": [],
    "files": [],
    "links": [],
    "pinned": False,
}
"""What other rooms say of a message, where they have nothing to say."""


def person(user: Any) -> PersonData:
    """Return somebody as JSON has them."""
    return PersonData(id=user.pk, username=user.username, name=shown_name(user))


def moment(at: datetime) -> str:
    """Return a moment as JSON has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def address(path: str) -> str:
    """Return the whole address of a path on this site."""
    return f"{settings.SITE_URL}{path}"
