"""Commands: a message that begins with `/word` does what a room says of that word, or is refused.

A room registers a `Command` of its own, or what finds those that are there in a chat, in its `registering`.
"""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from messaging.accounts.people import is_bot
from messaging.chats.models.chat import Chat
from messaging.chats.models.posting import Addition
from notifications.push import text as prose

NAME = r"[\w-]+"
TYPED = re.compile(rf"/(/?)({NAME})(?:\s(.*))?", re.DOTALL)
UNPOSTED = "/%(name)s works only in the box of a page, now and without files."
UNKNOWN = "Nobody here knows the command /%(name)s. To say it as text, write //%(name)s."
LONGEST_SHOWN = 40


class Said(NamedTuple):
    """What is posted for what was typed: a text, and what a message is posted with beside it.

    Or what is done `instead`: given who has typed it, the chat's pk and the form's id, it returns what they are told.
    """

    body: str
    additions: list[Addition]
    instead: Callable[[User, int, uuid.UUID | None], str] | None = None


class Command(NamedTuple):
    """One command: its name in small letters, a line of help, and what is said for what is typed behind it.

    `does` is given all that was typed, and what of it stands behind the name; ValidationError refuses it.
    """

    name: str
    help: str
    does: Callable[[str, str], Said]
    by: str = ""
    """The name of the bot whose it is, if it is one's."""


Finder = Callable[[Chat, str | None], Iterable[Command]]
"""Returns the commands that are there in a chat: all of them, or those of a name."""

_own: dict[str, Command] = {}
_finders: list[Finder] = []


def register(command: Command) -> None:
    """Have a command in every chat."""
    _own[command.name] = command


def register_finder(finder: Finder) -> None:
    """Have commands that are not the same in every chat."""
    _finders.append(finder)


def is_own(name: str) -> bool:
    """Return whether a name is that of a command that every chat has."""
    return name in _own


def of(chat: Chat, name: str | None = None) -> list[Command]:
    """Return the commands that there are in a chat, or those of a name: two bots may have the same."""
    if name in _own:
        return [_own[name]]
    own = [] if name else list(_own.values())
    return [*own, *(command for finder in _finders for command in finder(chat, name))]


def read(chat_pk: int, author: User, body: str, client_id: uuid.UUID | None = None, is_page: bool = False) -> Said:
    """Return what is to be posted in a chat for what somebody has typed; ValidationError for no known command.

    Only for a page something may be done instead. What bots say is text: they could go on for ever.
    """
    typed = TYPED.fullmatch(body)
    if not typed or is_bot(author):
        return Said(body, [])
    is_text, name, rest = typed.groups(default="")
    if is_text:
        return Said(body[1:], [])
    chat = Chat.objects.visible_to(author).filter(pk=chat_pk).first()
    found = of(chat, name.lower()) if chat else []
    said = [command.does(body, rest.strip()) for command in found]
    # Posting says that the chat is not theirs, and answers a form again whose command has gone meanwhile.
    if not said and chat and not author.messages.filter(client_id=client_id or uuid.uuid4()).exists():
        shown = prose.one_line(name, LONGEST_SHOWN)
        raise ValidationError(UNKNOWN, code="unknown_command", params={"name": shown})
    additions = [addition for each in said for addition in each.additions]
    instead = said[0].instead if said else None
    if instead and not is_page:
        raise ValidationError(UNPOSTED, code="unposted", params={"name": name.lower()})
    return Said(said[0].body if said else body, additions, instead)
