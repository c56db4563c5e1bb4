"""Panes: a chat as a page shows it, and beside it a thread of it where the address says so (`?thread=34`)."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.chats.models.posting import UNHEARD
from messaging.messages import composing, history
from messaging.messages.forms import MessageForm
from notifications.push import SignedInRequest, whole_number

TEMPLATE = "messaging/messages/_pane.html"


def context(
    request: SignedInRequest,
    chat: Chat,
    membership: Membership | None,
    asked: Mapping[str, str],
    form: MessageForm | None = None,
) -> dict[str, Any]:
    """Return what the template of a pane is given: live, or still where what is before a number is asked for.

    `chat` was read before the messages are, so its `seq` is one the page has surely seen.
    """
    read = membership.read_number if membership else chat.last_number
    is_live = not whole_number(asked.get("before"))
    is_unheard = chat.is_unheard(request.user)
    return {
        "chat": chat,
        "title": chat.title_for(request.user),
        "membership": membership,
        "form": form or (None if is_unheard else MessageForm()),
        "fields": composing.shown(request, chat),
        "is_live": is_live,
        "is_unheard": is_unheard,
        "unheard": UNHEARD,
        "read": read,
        "history": history.opened(chat, asked, read) if is_live else history.part(chat, asked),
        "suffix": "",
    }


def beside(
    request: SignedInRequest, thread: Chat, membership: Membership | None, asked: Mapping[str, str] | None = None
) -> str:
    """Return a thread as it stands beside its chat: with ids of its own, so that a page can have both."""
    given = context(request, thread, membership, asked or {})
    given["history"] = given["history"]._replace(is_beside=True)
    return render_to_string(TEMPLATE, given | {"suffix": "-beside"}, request)


def asked_beside(request: SignedInRequest, chat: Chat) -> str:
    """Return the thread of a chat that an address asks for beside it, if the reader may see that, and it is there."""
    pk = whole_number(request.GET.get("thread"))
    thread, membership = None, None
    if pk:
        try:
            thread, membership = Chat.objects.opened_by(request.user, pk)
        except Chat.DoesNotExist:
            return ""
    return beside(request, thread, membership) if thread and thread.parent_id == chat.pk else ""
