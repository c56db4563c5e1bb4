"""What is pushed of presence: who has come or gone, and who is writing. Hints, with no place in a stream."""

from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils.html import format_html

from messaging.accounts.people import display_name
from messaging.chats.models.chat import Chat, members_stream
from messaging.presence.pages import clock
from messaging.presence.streams import ROSTER
from notifications.push import push_html

WRITING_SECONDS = 6
"""So long somebody is writing who said so."""
PRESENCE = (
    '<data value id="presence-news" data-person="{}" data-state="{}" data-at="{}" hx-swap-oob="true" hidden></data>'
)
WRITING = (
    '<data value id="writing-news" data-chat="{}" data-person="{}" data-name="{}" data-seconds="{}"'
    ' hx-swap-oob="true" hidden></data>'
)


def state_changed(user_pk: int, state: str) -> None:
    """Push somebody's state to whom it concerns."""
    push_html(followers(user_pk), "presence", format_html(PRESENCE, user_pk, state, round(clock() * 1000)))


def followers(user_pk: int) -> list[str]:
    """Return the groups of those who have a conversation of two with somebody, and of pages that list people."""
    direct = Chat.objects.filter(kind=Chat.Kind.DIRECT, memberships__user=user_pk).values_list("pk", "direct_key")
    return [*(members_stream(pk) for pk, key in direct if (key or "").count(",") == 1), ROSTER]


def writing(chat: Chat, user: User) -> None:
    """Push to a chat that somebody is writing in it, which ends by itself."""
    cache.set(_key(user), chat.pk, WRITING_SECONDS)
    _push(chat, user, WRITING_SECONDS)


def writes_no_more(user: User) -> None:
    """Push that somebody is not writing any more where they have just been."""
    if chat := Chat.objects.filter(pk=cache.get(_key(user))).first():
        _push(chat, user, 0)


def _push(chat: Chat, user: User, seconds: int) -> None:
    push_html(chat, "writing", format_html(WRITING, chat.pk, user.pk, display_name(user), seconds))


def _key(user: User) -> str:
    return f"presence:writing:{user.pk}"
