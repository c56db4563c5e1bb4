"""Messages: a chat's page of them; post, look at one, edit, delete."""

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, retarget

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.messages import actions, commands, composing, history, panes, parts
from messaging.messages.forms import EditForm, MessageForm
from messaging.messages.models import Message
from messaging.messages.shown import placed, rendered
from notifications.push import SeeOther, SignedInRequest, dom_id, gone_is_not_found, limits


# Never cached: the form of an old page has been sent already, and its place in the stream is far behind.
@require_safe
@never_cache
@vary_on_headers("HX-Request")
@gone_is_not_found(Chat)
def chat(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a chat where its reader is, around a message (`at`, or the first `on` a day), or before or after one.

    htmx gets only what is before or after or, of a thread, what stands `beside` its chat. Nothing is read by that: the
    page tells what has been on its screen.
    """
    chat, membership = Chat.objects.opened_by(request.user, pk)
    if request.htmx and chat.is_thread and "beside" in request.GET:
        return HttpResponse(panes.beside(request, chat, membership, request.GET))
    elif request.htmx:
        return render(
            request, "messaging/messages/_messages.html", {"chat": chat, "history": history.part(chat, request.GET)}
        )
    return _chat_page(request, chat, membership)


@require_POST
@gone_is_not_found(Chat, Message)
def create(request: SignedInRequest, pk: int) -> HttpResponse:
    """Post a message. The page shows it when it is pushed, the author's like everybody's; htmx gets a fresh form."""
    form, told = MessageForm(request.POST), ""
    try:
        form.additions = composing.additions(request)
        if form.is_valid():
            limits.take("posts", request.user.pk)
            client_id = form.cleaned_data["client_id"]
            is_alone = not any(addition.is_enough for addition in form.additions)
            said = commands.read(pk, request.user, form.cleaned_data["body"], client_id, is_page=is_alone)
            if said.instead:
                told = said.instead(request.user, pk, client_id)
            else:
                Chat.objects.post(pk, request.user, said.body, client_id, [*form.additions, *said.additions])
    except ValidationError as error:
        form = form.with_fresh_id(error)
    # Whether the chat is theirs was asked by posting; what was refused is shown only to those who may see it.
    chat, membership = Chat.objects.opened_by(request.user, pk) if form.errors else (Chat(pk=pk), None)
    if form.errors and not request.htmx:
        return _chat_page(request, chat, membership, form)
    if not request.htmx:
        if told:
            notes.success(request, told)
        return SeeOther(chat)
    # The page takes only the reasons: its other fields stay as they are.
    context = {"chat": chat, "form": form if form.errors else MessageForm(), "told": told}
    return render(request, "messaging/messages/_composer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST", "DELETE"])
@gone_is_not_found(Chat, Message)
def message(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one message; its author edits it here (POST) or deletes it (DELETE, or the form's `delete` button)."""
    message = get_object_or_404(
        Message.objects.visible_to(request.user).select_related("chat", "author__called"), pk=pk
    )
    if request.method == "GET" and "cancel" in request.GET:
        return _one(message)
    if request.method == "GET":
        return _message_page(request, message, EditForm(message=message))
    own = get_object_or_404(request.user.messages, pk=message.pk)
    form = EditForm(request.POST, message=own)
    if request.method == "DELETE" or "delete" in request.POST:
        own.delete_body()
    elif not (form.is_valid() and limits.allowed("posts", request.user.pk, form=form) and form.save()):
        answer = _message_page(request, message, form, status=422)
        # The form is in the body's place, and what would replace the message is still this form.
        return reswap(retarget(answer, f"#{dom_id(message)} .message-body"), "innerHTML")
    if request.htmx:
        own.author = request.user
        return _one(own)
    else:
        return SeeOther(message.chat)


@require_safe
@gone_is_not_found(Chat, Message)
def menu(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return what the reader can do with a message, for the page that has it."""
    found = Message.objects.visible_to(request.user).filter(deleted_at=None).select_related("chat", "author__called")
    message = get_object_or_404(found, pk=pk)
    context = {"message": message, "actions": actions.of(message, request.user)}
    return render(request, "messaging/messages/_menu.html", context)


def _one(message: Message) -> HttpResponse:
    (html,) = rendered([message.shown], timezone.get_current_timezone())
    return HttpResponse(placed(html, is_continued=message.is_continued))


def _message_page(request: SignedInRequest, message: Message, form: EditForm, status: int = 200) -> HttpResponse:
    template = "messaging/messages/_edit.html" if request.htmx else "messaging/messages/message.html"
    title = message.chat.title_for(request.user)
    # Who has written a new text for what is deleted by now gets that text back.
    is_own = message.author_id == request.user.pk and (form.is_bound or not message.deleted_at)
    context = {"message": message, "chat": message.chat, "title": title, "form": form, "is_own": is_own}
    if not (request.htmx or message.deleted_at):
        context["actions"] = actions.of(message, request.user)
        context["beside"] = parts.lines(message.parts)
    return render(request, template, context, status=status)


def _chat_page(
    request: SignedInRequest, chat: Chat, membership: Membership | None, form: MessageForm | None = None
) -> HttpResponse:
    is_no_day = history.asks_for_no_day(request.GET)
    context = panes.context(request, chat, membership, request.GET, form)
    context |= {"is_no_day": is_no_day, "beside": panes.asked_beside(request, chat) if context["is_live"] else ""}
    return render(request, "messaging/messages/chat.html", context, status=422 if form or is_no_day else 200)
