"""The pages of hooks: those of a room, and one with its address and what it could not take."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.hooks.forms import HookChangeForm, HookForm
from messaging.hooks.models import MOST_REFUSALS, Hook, may_make
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits

MOST_HOOKS = 100
"""So many a room has at most."""
FULL = f"A room has at most {MOST_HOOKS} hooks: delete one that is not used."


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Chat)
def hooks(request: SignedInRequest, pk: int) -> HttpResponse:
    """List a room's hooks for its members, and make one."""
    chat, membership = Chat.objects.opened_by(request.user, pk)
    if membership is None or not chat.is_room:
        raise Http404
    form = HookForm(request.POST or None)
    if request.method == "POST":
        if not may_make(chat, membership):
            raise Http404
        if chat.hooks.count() >= MOST_HOOKS:
            form.add_error(None, FULL)
        if form.is_valid() and limits.allowed("chats", request.user.pk, form=form):
            return SeeOther(Hook.objects.make(chat, made_by=request.user, **form.cleaned_data))
    return render(
        request, "messaging/hooks/list.html", _listed(chat, membership, form), status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Hook, Chat)
def hook(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a hook's address and what it could not take; change what it is called, and whether it takes anything."""
    hook = _kept(request, pk)
    given = {"name": hook.name, "emoji": hook.bot.emoji, "is_on": hook.is_on}
    form = HookChangeForm(request.POST or None, initial=given)
    if form.is_valid():
        hook.change(**form.cleaned_data)
        messages.success(request, "Saved.")
        return SeeOther(hook)
    refusals = hook.refusals.order_by("-pk")[:MOST_REFUSALS]
    context = {"hook": hook, "chat": hook.chat, "form": form, "refusals": refusals}
    return render(request, "messaging/hooks/hook.html", context, status=422 if form.errors else 200)


@require_POST
@gone_is_not_found(Hook, Chat)
def renew(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a hook another address."""
    hook = _kept(request, pk)
    hook.renew()
    messages.success(request, "It has another address. The old one takes nothing any more.")
    return SeeOther(hook)


@require_POST
@gone_is_not_found(Hook, Chat)
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Delete a hook; what it has said stays."""
    hook = _kept(request, pk)
    hook.end()
    messages.info(request, f"{hook.name} is gone, and its address takes nothing any more.")
    return SeeOther("chat-hooks", hook.chat_id)


def _kept(request: SignedInRequest, pk: int) -> Hook:
    found = Hook.objects.kept_by(request.user).select_related("chat", "bot__user__called", "made_by__called")
    return get_object_or_404(found, pk=pk)


def _listed(chat: Chat, membership: Membership, form: HookForm) -> dict[str, object]:
    found = chat.hooks.select_related("bot__user__called", "made_by__called").order_by("bot__user__first_name", "pk")
    kept = set(Hook.objects.kept_by(membership.user).filter(chat=chat).values_list("pk", flat=True))
    return {
        "chat": chat,
        "title": chat.name,
        "hooks": [(hook, hook.pk in kept) for hook in found[:MOST_HOOKS]],
        "form": form if may_make(chat, membership) else None,
    }
