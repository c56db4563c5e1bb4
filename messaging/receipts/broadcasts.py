"""What is pushed of who has read what: in conversations of two, to the other one."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.utils.html import format_html

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.receipts.reading import read_by_other, shown_in
from notifications.push import push_html, streams

NEWS = '<data value id="reading-news" data-chat="{}" data-read="{}" hx-swap-oob="true" hidden></data>'


def read(chat: Chat, user_pk: int) -> None:
    """Push to the other one of two how far somebody has read: if both show it, for a push tells when that was, too."""
    if chat.is_of_two:
        _push_read(chat, user_pk, shown_in(chat))


def read_less(membership: Membership) -> None:
    """Push that if somebody has marked as unread what they had read by when their membership was fetched."""
    now = Membership.objects.filter(pk=membership.pk, read_number__lt=membership.read_number)
    if membership.chat.is_of_two and now.exists():
        read(membership.chat, membership.user_id)


def shown(user_pk: int) -> None:
    """Push to all with whom somebody has a conversation of two, and to themselves, what is shown of reading now."""
    for chat in Chat.objects.filter(kind=Chat.Kind.DIRECT).with_member(User(pk=user_pk)):
        if chat.is_of_two:
            _push(chat, user_pk)
            _push(chat, chat.other_than(User(pk=user_pk)))


def _push_read(chat: Chat, user_pk: int, read: Mapping[int, int]) -> None:
    other = chat.other_than(User(pk=user_pk))
    if {user_pk, other} <= read.keys():
        push_html(streams.of_person(other), "receipt", format_html(NEWS, chat.pk, read[user_pk]))


def _push(chat: Chat, user_pk: int) -> None:
    number = read_by_other(User(pk=user_pk), chat)
    push_html(streams.of_person(user_pk), "receipt", format_html(NEWS, chat.pk, number))
