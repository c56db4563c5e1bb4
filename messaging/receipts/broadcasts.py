"""What is pushed of who has read what: in conversations of two, to the other one."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.html import format_html

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.receipts.reading import HIDING, shown_in
from notifications.push import push_html, streams, together

NEWS = '<data value id="reading-news" data-chat="{}" data-read="{}" hx-swap-oob="true" hidden></data>'


def read(chat: Chat, user_pk: int) -> None:
    """Push to the other one of two how far somebody has read: if both show it, for a push tells when that was, too."""
    if chat.is_of_two:
        other, shown = chat.other_than(User(pk=user_pk)), shown_in(chat)
        if {user_pk, other} <= shown.keys():
            _push(chat, other, shown[user_pk])


def read_less(membership: Membership) -> None:
    """Push that if somebody has marked as unread what they had read by when their membership was fetched."""
    now = Membership.objects.filter(pk=membership.pk, read_number__lt=membership.read_number)
    if membership.chat.is_of_two and now.exists():
        read(membership.chat, membership.user_id)


def shown_anew(user_pk: int, *, is_hidden: bool) -> None:
    """Push what is shown of reading now that somebody hides theirs, or shows it: to those of two who show it, and them.

    Where the other one hides it nothing was shown before, and nothing is now.
    """
    with together():
        for chat, read in _shown_of_two(user_pk):
            _push(chat, user_pk, 0 if is_hidden else read[chat.other_than(User(pk=user_pk))])
            _push(chat, chat.other_than(User(pk=user_pk)), 0 if is_hidden else read[user_pk])


def _shown_of_two(user_pk: int) -> Iterator[tuple[Chat, dict[int, int]]]:
    """Yield the conversations of two where both are, and the other one shows it, with how far each has read."""
    own = Chat.objects.filter(kind=Chat.Kind.DIRECT).with_member(User(pk=user_pk))
    showing = Membership.objects.filter(Q(user=user_pk) | ~Q(**{HIDING: True}), chat__in=own)
    of_two: dict[Chat, dict[int, int]] = {}
    for each in showing.select_related("chat"):
        of_two.setdefault(each.chat, {})[each.user_id] = each.read_number
    yield from ((chat, read) for chat, read in of_two.items() if chat.is_of_two and len(read) == 2)


def _push(chat: Chat, user_pk: int, number: int) -> None:
    push_html(streams.of_person(user_pk), "receipt", format_html(NEWS, chat.pk, number))
