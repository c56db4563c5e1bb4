"""How far people have read: what was on their screens, and no more."""

from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import User

from messaging.chats.models.chat import Chat
from notifications.push import mark_read, unread, whole_number


def address_at(chat: Chat, number: int) -> str:
    """Return where a chat is opened at one of its messages: what the bell says of that leads there."""
    return f"{chat.get_absolute_url()}?at={number}"


def note_read(user: User, chat: Chat, number: int, first: int = 0, turn: int | None = None) -> None:
    """Note on all of a person's pages that the messages from `first` to `number` were on their screen.

    The chat is read as far as nothing is left out before them; what the bell says of them, and of no message, is read.
    A page says in which `turn` of the membership it has shown them: what was marked as unread since stays so.
    """
    membership = chat.membership_of(user)
    if membership and turn in (None, membership.turn):
        membership.mark_read(min(number, chat.last_number), first)
    told = {row.pk: _number_at(row.url) for row in unread(user, subject=chat.stream)}
    if shown := [pk for pk, at in told.items() if at is None or first <= at <= number]:
        mark_read(user, pk__in=shown)


def _number_at(url: str) -> int | None:
    return whole_number(parse_qs(urlsplit(url).query).get("at", [""])[0])
