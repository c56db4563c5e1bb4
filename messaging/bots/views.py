"""The pages of one's bots: made, named, switched off and on, deleted, and given tokens, by whoever made them."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from messaging.accounts.models.bot import Bot
from messaging.accounts.tokens import TokenForm
from messaging.bots import owning
from messaging.bots.forms import BotChangeForm, BotForm
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits, note_deed

MOST = 20
"""So many bots one has at most."""
FULL = f"One has at most {MOST} bots. Delete one first."


@require_http_methods(["GET", "HEAD", "POST"])
def bots(request: SignedInRequest) -> HttpResponse:
    """List one's bots, and make one."""
    form = BotForm(request.POST or None)
    mine = owning.bots_of(request.user).order_by("user__first_name", "pk")
    if request.method == "POST":
        if mine.count() >= MOST:
            form.add_error(None, FULL)
        if form.is_valid() and limits.allowed("chats", request.user.pk, form=form) and (bot := form.make(request.user)):
            note_deed(f"bot {bot.user.username} made", request)
            return SeeOther("bot", bot.pk)
    context = {"bots": mine, "form": form}
    return render(request, "messaging/bots/list.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Bot, User)
def bot(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a bot and its tokens; change what it is called."""
    bot = _own(request, pk)
    form = BotChangeForm(request.POST or None, initial={"name": bot.user.first_name})
    if form.is_valid():
        owning.rename(bot, form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return SeeOther("bot", bot.pk)
    context = {"bot": bot, "form": form, "tokens": bot.user.api_tokens.all()}
    return render(request, "messaging/bots/bot.html", context, status=422 if form.errors else 200)


@require_POST
@gone_is_not_found(Bot, User)
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    """Switch a bot on if `on` is posted with something in it, off if not."""
    bot = _own(request, pk)
    is_on = bool(request.POST.get("on"))
    owning.switch(bot, is_on=is_on)
    note_deed(f"bot {bot.user.username} switched {'on' if is_on else 'off'}", request)
    messages.success(request, "It is on." if is_on else "It is off, and its tokens open nothing until it is on again.")
    return SeeOther("bot", bot.pk)


@require_POST
@gone_is_not_found(Bot, User)
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Delete a bot; what it has said stays."""
    bot = _own(request, pk)
    name = bot.user.username
    owning.end(bot)
    note_deed(f"bot {name} deleted", request)
    messages.info(request, "That bot is gone, and its tokens open nothing any more.")
    return SeeOther("bots")


# As with tokens of one's own: whoever finds a browser open must not be able to take one along.
@reauthentication_required(app="messaging")
@gone_is_not_found(Bot, User)
def token(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a token of a bot, and show its secret this once."""
    bot = _own(request, pk)
    form = TokenForm(bot.user, request.POST or None)
    if form.is_valid() and (issued := form.issue()):
        made, secret = issued
        note_deed(f"token {made.pk} made of bot {bot.user.username} for {', '.join(made.scopes)}", request)
        return render(request, "messaging/bots/token.html", {"bot": bot, "token": made, "secret": secret})
    context = {"bot": bot, "form": form}
    return render(request, "messaging/bots/token_new.html", context, status=422 if form.errors else 200)


@require_POST
@gone_is_not_found(Bot, User)
def revoke(request: SignedInRequest, pk: int, token_pk: int) -> HttpResponse:
    """Let a token of a bot open nothing any more."""
    bot = _own(request, pk)
    get_object_or_404(bot.user.api_tokens, pk=token_pk).revoke()
    note_deed(f"token {token_pk} of bot {bot.user.username} revoked", request)
    messages.info(request, "That token opens nothing any more.")
    return SeeOther("bot", bot.pk)


def _own(request: SignedInRequest, pk: int) -> Bot:
    return get_object_or_404(owning.bots_of(request.user), pk=pk)
