"""Mark messages as unread from one on; all that is unread as one page, and read from there."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from messaging.chats.models.chat import Chat
from messaging.chats.reading import note_read
from messaging.messages import parts
from messaging.messages.models import Message
from messaging.unread import listing
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits, whole_number


@require_POST
@gone_is_not_found(Chat, Message)
def from_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a message and those after it in its chat as unread, as a member; a form leads to the list of chats."""
    message = _visible(request, pk)
    membership = message.chat.membership_of(request.user)
    if membership is None:
        raise Chat.DoesNotExist
    limits.take("reading", request.user.pk)
    membership.mark_unread(message.number)
    return HttpResponse(status=204) if request.htmx else SeeOther("home")


@require_POST
@gone_is_not_found(Chat, Message)
def until_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a message and those before it in its chat as read; a form leads to all that is unread."""
    message = _visible(request, pk)
    limits.take("reading", request.user.pk)
    note_read(request.user, message.chat, message.number)
    return HttpResponse(status=204) if request.htmx else SeeOther("unread")


# Never cached: whoever comes back to it has read some of it meanwhile.
@require_safe
@never_cache
def unread(request: SignedInRequest) -> HttpResponse:
    """List what is unread in all chats, the oldest first, a page at a time: the first, or what is `after` a message."""
    known = listing.known(request.user)
    messages, has_more = listing.page(request.user, whole_number(request.GET.get("after")))
    titles = listing.titles(request.user, messages)
    # A chat may have been deleted meanwhile.
    found = [(each, titles[each.chat_id]) for each in messages if each.chat_id in titles]
    context: dict[str, Any] = {
        "rows": [(each, title, parts.lines(each.parts)) for each, title in found],
        "after": messages[-1].pk if has_more else None,
        "is_later": "after" in request.GET,
        "known": known,
    }
    return render(request, "messaging/unread/list.html", context)


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark all as read that was there when its list was shown, which the page says as `known`."""
    limits.take("reading", request.user.pk)
    listing.read_all(request.user, request.POST.get("known", ""))
    return SeeOther("unread")


def _visible(request: SignedInRequest, pk: int) -> Message:
    found = Message.objects.visible_to(request.user).select_related("chat")
    message: Message = get_object_or_404(found, pk=pk)
    return message
