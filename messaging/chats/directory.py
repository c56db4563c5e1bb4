"""The people of the site: to look somebody up, and to complete what is typed."""

import re

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from messaging.accounts.people import search
from messaging.chats.forms import SearchForm
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from notifications.push import SignedInRequest, whole_number

PAGE_SIZE = 20
COMPLETIONS = 20


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """List everybody, page by page: all, or those of a name."""
    form = SearchForm(request.GET)
    page = Paginator(search(form.typed).select_related("profile"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "messaging/chats/people.html", context, status=422 if form.errors else 200)


@require_safe
def names(request: SignedInRequest) -> HttpResponse:
    """Return what may be meant by the last of the names that are being typed, behind those before it.

    Whoever is in the chat `not_in` already is left out.
    """
    typed = request.GET.get("people", "").replace("\0", "")
    # The last may be a name of several words, or the last of several user names.
    last_name, last_word = (re.split(between, typed)[-1] for between in (r"[,;]\s*", r"[\s,;]"))
    last = last_name if search(last_name).exists() else last_word
    chat = Chat.objects.visible_to(request.user).filter(pk=whole_number(request.GET.get("not_in")) or 0)
    members = Membership.objects.filter(chat__in=chat, user=OuterRef("pk"))
    context = {"people": search(last).exclude(Exists(members))[:COMPLETIONS], "before": typed[: len(typed) - len(last)]}
    return render(request, "messaging/chats/_people.html", context)
