"""Everything that is pushed about chats, by the facts that cause it."""

from collections.abc import Mapping
from typing import Any

from messaging.chats import naming, sidebar
from messaging.chats.models.chat import Chat, members_stream
from messaging.chats.models.folding import Folding
from notifications.push import push, push_html, streams


def new_message(chat_pk: int, number: int, author_pk: int, named: Mapping[str, Any]) -> None:
    """Push the number of a chat's newest message to its members wherever they are, and whom it names."""
    # The cursor that ends every frame of a stream is all that the lists of chats need, mostly.
    html = naming.news(chat_pk, [(number, author_pk, named)]) if named else ""
    push_html(members_stream(chat_pk), "new_message", html, number)


def naming_changed(chat_pk: int, number: int, author_pk: int, named: Mapping[str, Any]) -> None:
    """Push whom a message names after an edit, or that it was deleted and names nobody."""
    push_html(members_stream(chat_pk), "naming_changed", naming.news(chat_pk, [(number, author_pk, named)]))


def chat_renamed(chat: Chat) -> None:
    """Push a room's name to its open pages and to its members' lists."""
    push(chat, "messaging/push/name.html", {"chat": chat}, chat.name_seq)
    push(members_stream(chat.pk), "messaging/push/link_name.html", {"chat": chat})


def room_changed(chat: Chat) -> None:
    """Push a room's topic and who may write there to its open pages."""
    push(chat, "messaging/push/room.html", {"chat": chat}, chat.state_seq)


def room_relisted(chat: Chat) -> None:
    """Have its members' lists leave out a room that is archived, or fetch one that is back."""
    push(members_stream(chat.pk), "messaging/push/relisted.html", {"chat": chat})


def chat_read(user_pk: int, chat_pk: int, number: int, turn: int) -> None:
    """Push how far somebody has read to their own pages, in the `turn` of their membership."""
    push_html(streams.of_person(user_pk), "read", sidebar.read_mark(chat_pk, number, turn, is_pushed=True))


def chat_listed(user_pk: int, chat_pk: int) -> None:
    """Push a chat's entry to the lists of somebody who has come in, or that it is gone to who has left."""
    push_html(streams.of_person(user_pk), "chat_listed", sidebar.entry_html(user_pk, chat_pk))


def sections_folded(folding: Folding) -> None:
    """Push which sections of their list somebody has folded to their own pages."""
    push(streams.of_person(folding.pk), "messaging/push/folded.html", {"folding": folding})


def chats_changed(user_pk: int) -> None:
    """Push the list of their chats to somebody's pages."""
    push(streams.of_person(user_pk), "messaging/push/sidebar.html", sidebar.context(user_pk))
