"""What a page asks and says while somebody writes in it, and what a message said before."""

import emoji as package
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from messaging.accounts.people import mark, shown_name
from messaging.chats import mentions
from messaging.chats.models.chat import Chat
from messaging.messages import commands
from messaging.messages.forms import MessageForm
from messaging.messages.models import Message
from messaging.writing import completions
from messaging.writing.forms import DraftForm
from messaging.writing.models import Draft
from messaging.writing.versions import versions
from notifications.push import SignedInRequest, gone_is_not_found, limits

RINGS = {mentions.ALL: "Everybody in this chat", mentions.HERE: "Everybody in this chat who is online"}
A_YEAR = 365 * 24 * 3600


@require_POST
@gone_is_not_found(Chat)
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep what stands in the box of a chat."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    form = DraftForm(request.POST)
    if not (form.is_valid() and limits.allowed("writing", request.user.pk, form=form)):
        return HttpResponse(form.errors.as_text(), content_type="text/plain", status=422)
    Draft.objects.keep(request.user, chat, form.cleaned_data["body"])
    return HttpResponse(status=204)


@require_POST
@gone_is_not_found(Chat)
def preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what a text would look like as a message; without scripts on a page of its own, from which it is sent."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    form = MessageForm(request.POST)
    html = ""
    if form.is_valid() and limits.allowed("writing", request.user.pk, form=form):
        try:
            said = commands.read(pk, request.user, form.cleaned_data["body"], is_page=True)
            html, _ = mentions.render(said.body, chat.readers(), request.user.pk)
        except ValidationError as error:
            form.add_error("body", error)
    context = {"chat": chat, "title": chat.title_for(request.user), "form": form, "html": html}
    template = "messaging/writing/_preview.html" if request.htmx else "messaging/writing/preview.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_safe
def people(request: SignedInRequest, pk: int) -> JsonResponse:
    """Return whom somebody may mean by what they have typed behind an @."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    typed = request.GET.get("q", "")[:150]
    found = [_option(user) for user in completions.people(chat, typed, request.user)]
    rings = [ring for ring in mentions.RINGS if ring.startswith(typed.lower())]
    if rings and chat.may_be_rung_by(request.user):
        found += [{"text": f"@{ring}", "name": RINGS[ring]} for ring in rings]
    return JsonResponse({"options": found})


def _option(user: User) -> dict[str, str]:
    note = "" if getattr(user, "is_here", True) else "not in this chat"
    return {"text": f"@{user.username}", "name": shown_name(user), "mark": mark(user), "note": note}


@require_safe
def emoji(request: SignedInRequest) -> JsonResponse:
    """Return all emoji with their names. Each version of them has an address of its own, so it never changes."""
    answer = JsonResponse({"emoji": completions.emoji()})
    if request.GET.get("version") == package.__version__:
        patch_cache_control(answer, private=True, max_age=A_YEAR, immutable=True)
    return answer


@require_safe
def edits(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what a message says and said before."""
    readable = Message.objects.visible_to(request.user).select_related("chat", "author__called")
    message = get_object_or_404(readable, pk=pk)
    context = {"message": message, "title": message.chat.title_for(request.user), "versions": versions(message)}
    return render(request, "messaging/writing/edits.html", context)
