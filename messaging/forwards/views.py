"""Forward a message into one of one's chats; and where a forwarded one was said, for those who may read it there."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from messaging.attachments import part as files_part
from messaging.attachments.copying import copied
from messaging.chats.forms import SearchForm
from messaging.chats.models.chat import Chat, ChatQuerySet
from messaging.forwards.part import ForwardAddition, content
from messaging.messages import composing
from messaging.messages.forms import MessageForm
from messaging.messages.models import Message
from messaging.messages.saying import in_a_line
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits, whole_number

PAGE_SIZE = 30
LONGEST = 300
"""So many characters are shown of what is to be forwarded."""
NO_CHAT = "Choose one of your chats."


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Message)
def forward(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one's chats, all or those of a name; a POST forwards a message into one (`chat`), with a word (`body`)."""
    message = _message(request, pk)
    original = content(message)
    if original is None:
        raise Http404
    form, sent = (
        _send(request, message, ForwardAddition(original)) if request.method == "POST" else (MessageForm(), None)
    )
    if sent:
        return SeeOther(sent.place)
    search = SearchForm(request.GET)
    own = Chat.objects.of(request.user).found_by(search.typed).in_order()
    page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
    listed = cast(ChatQuerySet, page.object_list).listed(request.user)
    context = {
        "message": message,
        "title": message.chat.title_for(request.user),
        "line": in_a_line(message, LONGEST),
        "form": form,
        "search": search,
        "page": page,
        "chats": [(chat, chat.title_for(request.user)) for chat in listed],
        "chosen": whole_number(request.POST.get("chat")),
    }
    is_refused = request.method == "POST" or bool(search.errors)
    return render(request, "messaging/forwards/page.html", context, status=422 if is_refused else 200)


@require_safe
def origin(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return where a message was said that was forwarded, for the page that shows it; without htmx lead there."""
    message = _message(request, pk)
    if not request.htmx:
        return redirect(message.place)
    context: dict[str, Any] = {"message": message, "title": message.chat.title_for(request.user)}
    return render(request, "messaging/forwards/_origin.html", context)


def _message(request: SignedInRequest, pk: int) -> Message:
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    return get_object_or_404(found, pk=pk)


def _send(request: SignedInRequest, original: Message, addition: ForwardAddition) -> tuple[MessageForm, Message | None]:
    """Post the message into the chosen chat, with its files; if that cannot be, the form says why."""
    chosen = whole_number(request.POST.get("chat")) or 0
    form = MessageForm(request.POST, additions=[addition])
    try:
        form.additions = [addition, *(each for each in composing.additions(request) if each.name != files_part.NAME)]
        if not Chat.objects.with_member(request.user).filter(pk=chosen).exists():
            raise ValidationError(NO_CHAT, code="no_chat")
        if form.is_valid():
            limits.take("posts", request.user.pk)
            files = copied(original, chosen, request.user, form.cleaned_data["client_id"])
            additions = [*form.additions, files] if files else form.additions
            return form, Chat.objects.post(chosen, request.user, **form.cleaned_data, additions=additions)
    except Chat.DoesNotExist:
        form = form.with_fresh_id(ValidationError(NO_CHAT))
    except ValidationError as error:
        form = form.with_fresh_id(error)
    return form, None
