"""Search: a page of its own, and what of it pages fetch while somebody types."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from messaging.chats.models.chat import Chat
from messaging.messages import parts
from messaging.messages.models import Message
from messaging.search import finding
from messaging.search.asking import Asked, read
from messaging.search.finding import Found
from messaging.search.highlighting import marked, marked_text
from notifications.push import SignedInRequest, limits, whole_number


class Hit(NamedTuple):
    """A message as it is shown where it was found."""

    message: Message
    title: str
    html: SafeString
    lines: list[SafeString]


@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    """Show what `q` finds, the newest first; with `before` what is older than that message."""
    typed, before = request.GET.get("q", ""), whole_number(request.GET.get("before"))
    asked = read(typed)
    found, error = Found([]), None
    try:
        if not asked.is_nothing:
            limits.take("search", request.user.pk)
        found = finding.search(request.user, asked, before)
    except limits.Limited as refused:
        error = refused.messages[0]
    context = {
        "error": error,
        "typed": typed,
        "asked": asked,
        "before": before,
        "found": found,
        "hits": _hits(request, found.messages, asked),
        "more": found.next and _address(typed, found.next),
        "newest": _address(typed),
        "again": _address(typed, before),
    }
    return render(request, f"messaging/search/{_template(request, before)}.html", context)


def _template(request: SignedInRequest, before: int | None) -> str:
    if not request.htmx:
        return "page"
    return "_hits" if before else "_found"


def _address(typed: str, before: int | None = None) -> str:
    asked: dict[str, Any] = {"q": typed} | ({"before": before} if before else {})
    return f"{reverse('search')}?{urlencode(asked)}"


def _hits(request: SignedInRequest, messages: list[Message], asked: Asked) -> list[Hit]:
    homes = Chat.objects.filter(pk__in={message.chat.home.pk for message in messages})
    titles = {chat.pk: chat.title_for(request.user) for chat in homes.listed(request.user)} if messages else {}
    return [
        Hit(
            message,
            f"Thread in {titles[message.chat.home.pk]}" if message.chat.is_thread else titles[message.chat_id],
            marked(message.html, asked.phrases),
            [marked_text(line, asked.phrases) for line in parts.lines(message.parts)],
        )
        for message in messages
        # Its chat may be deleted in this very moment.
        if message.chat.home.pk in titles
    ]
