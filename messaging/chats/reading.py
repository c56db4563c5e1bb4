"""How far people have read: what was on their screens, and no more."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import User

from messaging.chats.models.chat import Chat, stream_of
from notifications.push import mark_read, unread, whole_number


def address_at(chat: Chat, number: int) -> str:
    """Return where a chat is opened at one of its messages: what the bell says of that leads there."""
    return f"{chat.get_absolute_url()}?at={number}"


def note_read(user: User, chat: Chat, number: int, first: int = 0, turn: int | None = None) -> bool:
    """Note on all of a person's pages that the messages from `first` to `number` were on their screen.

    The chat is read as far as nothing is left out before them; what the bell says of them, and of no message, is read.
    A page says in which `turn` of the membership it has shown them: what was marked as unread since stays so, and what
    it says of another turn is not noted at all. Return whether it is of this one.
    """
    membership = chat.membership_of(user)
    if membership and turn not in (None, membership.turn):
        return False
    if membership:
        membership.mark_read(min(number, chat.last_number), first)
    told = {row.pk: _number_at(row.url) for row in unread(user, subject=chat.stream)}
    if shown := [pk for pk, at in told.items() if at is None or first <= at <= number]:
        mark_read(user, pk__in=shown)
    return True


def read_bell(user: User, read: Mapping[int, int]) -> None:
    """Mark as read what somebody's bell says of chats, up to the number that each of these is read to."""
    rows = unread(user, subject__in=[stream_of(pk) for pk in read])
    until = {stream_of(pk): number for pk, number in read.items()}
    told = [row.pk for row in rows if (_number_at(row.url) or 0) <= until[row.subject]]
    if told:
        mark_read(user, pk__in=told)


def _number_at(url: str) -> int | None:
    return whole_number(parse_qs(urlsplit(url).query).get("at", [""])[0])
