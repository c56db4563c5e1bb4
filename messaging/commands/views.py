"""The commands of a bot, kept by whoever made it, and those that somebody can write in a chat."""

from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.accounts.models.bot import Bot
from messaging.bots.owning import bots_of
from messaging.chats.models.chat import Chat
from messaging.commands.forms import CommandForm
from messaging.messages import commands as registry
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits

MOST_PROPOSED = 8


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Bot, User)
def commands(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the commands of a bot, and add one or change its help."""
    bot = get_object_or_404(bots_of(request.user), pk=pk)
    form = CommandForm(request.POST or None)
    if form.is_valid() and limits.allowed("chats", request.user.pk, form=form) and form.save(bot):
        return SeeOther("bot-commands", pk)
    context = {"bot": bot, "commands": bot.commands.order_by("name"), "form": form}
    return render(request, "messaging/commands/list.html", context, status=422 if form.errors else 200)


@require_POST
def delete(request: SignedInRequest, pk: int, command_pk: int) -> HttpResponse:
    """Have a bot know a command no more."""
    bot = get_object_or_404(bots_of(request.user), pk=pk)
    get_object_or_404(bot.commands, pk=command_pk).delete()
    return SeeOther("bot-commands", pk)


@require_safe
def names(request: SignedInRequest, pk: int) -> JsonResponse:
    """Return which commands somebody may mean by what they have typed behind a slash."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    typed = request.GET.get("q", "").lower()
    found = [command for command in registry.of(chat) if command.name.startswith(typed)]
    options = [
        {"text": f"/{each.name}", "name": each.help, "note": each.by}
        for each in sorted(found, key=lambda each: (each.name, each.by))[:MOST_PROPOSED]
    ]
    return JsonResponse({"options": options})
