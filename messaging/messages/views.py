"""Messages: a chat's page of them; post, look at one, edit, delete."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, retarget

from messaging.chats.models.chat import Chat
from messaging.chats.reading import note_read
from messaging.messages.forms import EditForm, MessageForm
from messaging.messages.models import Message
from notifications.push import SeeOther, SignedInRequest, dom_id, gone_is_not_found, is_seen, limits, whole_number


# Never cached: the form of an old page has been sent already, and its place in the stream is far behind.
@require_safe
@never_cache
@vary_on_headers("HX-Request")
def chat(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a chat's newest messages, or those before a number; htmx gets only the part to put on top."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    before = whole_number(request.GET.get("before")) or None
    if request.htmx:
        return render(
            request, "messaging/messages/_messages.html", {"chat": chat, "history": chat.messages.page_before(before)}
        )
    return _chat_page(request, chat, before=before)


@require_POST
@gone_is_not_found(Chat, Message)
def create(request: SignedInRequest, pk: int) -> HttpResponse:
    """Post a message. The page shows it when it is pushed, the author's like everybody's; htmx gets a fresh form."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            limits.take("posts", request.user.pk)
            chat.post(request.user, **form.cleaned_data)
        except ValidationError as error:
            form = form.with_fresh_id(error)
    if form.errors and not request.htmx:
        return _chat_page(request, chat, form)
    if not request.htmx:
        return SeeOther(chat)
    context = {"chat": chat, "form": form if form.errors else MessageForm()}
    return render(request, "messaging/messages/_composer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST", "DELETE"])
@gone_is_not_found(Chat, Message)
def message(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one message; its author edits it here (POST) or deletes it (DELETE, or the form's `delete` button)."""
    message = get_object_or_404(
        Message.objects.visible_to(request.user).select_related("chat", "author__called"), pk=pk
    )
    if request.method == "GET" and "cancel" in request.GET:
        return render(request, "messaging/messages/_message.html", {"message": message})
    if request.method == "GET":
        return _message_page(request, message, EditForm(initial={"body": message.body}))
    own = get_object_or_404(request.user.messages.filter(deleted_at=None), pk=message.pk)
    form = EditForm(request.POST)
    if request.method == "DELETE" or "delete" in request.POST:
        own.delete_body()
    elif form.is_valid() and limits.allowed("posts", request.user.pk, form=form):
        own.edit(form.cleaned_data["body"])
    else:
        answer = _message_page(request, message, form, status=422)
        # The form is in the body's place, and what would replace the message is still this form.
        return reswap(retarget(answer, f"#{dom_id(message)} .message-body"), "innerHTML")
    if request.htmx:
        own.author = request.user
        return render(request, "messaging/messages/_message.html", {"message": own})
    else:
        return SeeOther(message.chat)


def _message_page(request: SignedInRequest, message: Message, form: EditForm, status: int = 200) -> HttpResponse:
    template = "messaging/messages/_edit.html" if request.htmx else "messaging/messages/message.html"
    title = message.chat.title_for(request.user)
    is_own = message.author_id == request.user.pk and not message.deleted_at
    context = {"message": message, "chat": message.chat, "title": title, "form": form, "is_own": is_own}
    return render(request, template, context, status=status)


def _chat_page(
    request: SignedInRequest, chat: Chat, form: MessageForm | None = None, before: int | None = None
) -> HttpResponse:
    """Render a chat's whole page: live at its newest messages, still at older ones.

    `chat` was read before the messages are, so its `seq` is one the page has surely seen.
    """
    if before is None and is_seen(request):
        note_read(request.user, chat, chat.last_number)
    context = {
        "chat": chat,
        "title": chat.title_for(request.user),
        "membership": chat.membership_of(request.user),
        "form": form or MessageForm(),
        "is_live": before is None,
        "history": chat.messages.page_before(before),
    }
    return render(request, "messaging/messages/chat.html", context, status=422 if form else 200)
