"""The list of one's chats that stands on every page."""

from typing import NamedTuple

from django.contrib.auth.models import User
from django.template.loader import render_to_string

from messaging.chats.models.chat import Chat, members_stream


class Entry(NamedTuple):
    """A chat in somebody's list."""

    chat: Chat
    title: str
    read: int

    @property
    def unread(self) -> int:
        """How many messages they have not read."""
        return max(0, self.chat.last_number - self.read)

    @property
    def members_stream(self) -> str:
        """The stream of the newest number in the chat."""
        return members_stream(self.chat.pk)


def entries(user: User) -> list[Entry]:
    """Return the person's chats: rooms first, then direct ones, each by title."""
    found = [Entry(chat, chat.title_for(user), chat.read_number) for chat in Chat.objects.list_of(user)]
    return sorted(found, key=lambda entry: (entry.chat.is_direct, entry.title.casefold()))


def entries_of(user_pk: int) -> list[Entry]:
    """Return the chats of a person of whom only the primary key is known."""
    user = User.objects.filter(pk=user_pk).first()
    return entries(user) if user else []


def html(user_pk: int) -> str:
    """Render the list as it is pushed to its owner."""
    return render_to_string("messaging/push/sidebar.html", {"entries": entries_of(user_pk)})
