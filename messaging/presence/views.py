"""What pages say while somebody has them open, and the switches for what others are shown of that."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from messaging.chats.models.chat import Chat
from messaging.presence import broadcasts, pages
from messaging.presence.forms import PageForm, ShowingForm
from messaging.presence.models import Showing, showing_of
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits


@require_POST
def say(request: SignedInRequest) -> HttpResponse:
    """Note whether a page is looked at, and answer how those are whom it shows.

    `{"people": {"7": "online"}, "at": milliseconds, "hides": []}`; who is left out may be anything. Of somebody who
    hides that they are online nothing is noted.
    """
    form = PageForm(request.POST)
    if not (form.is_valid() and limits.allowed("presence", request.user.pk, form=form)):
        return HttpResponse(form.errors.as_text(), content_type="text/plain; charset=utf-8", status=422)
    said, at = form.cleaned_data, round(pages.clock() * 1000)
    showing = showing_of(request.user)
    if not showing.hides_online:
        pages.note(request.user.pk, said["page"], said["way"], said["turn"], broadcasts.state_changed)
        # It may have been switched off meanwhile.
        showing = showing_of(request.user)
        if showing.hides_online:
            pages.forget(request.user.pk, broadcasts.state_changed)
    hides = [name for name in ("online", "writing") if getattr(showing, f"hides_{name}")]
    return JsonResponse({"people": pages.states(said["people"]), "at": at, "hides": hides})


@require_POST
@gone_is_not_found(Chat)
def writing(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tell who looks at a chat that somebody is writing there, unless they hide that."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    is_told = not (showing_of(request.user).hides_writing or chat.is_closed_to(request.user))
    if limits.allowed("presence", request.user.pk) and is_told:
        broadcasts.writing(chat, request.user)
    return HttpResponse(status=204)


@require_POST
def show(request: SignedInRequest) -> HttpResponse:
    """Choose what others are shown; what is switched off is taken away from their pages at once."""
    form = ShowingForm(request.POST)
    form.full_clean()
    limits.take("showing", request.user.pk)
    hides = {f"hides_{name}": not is_shown for name, is_shown in form.cleaned_data.items()}
    # What is not written was not changed, and nobody is told of it.
    before = showing_of(request.user)
    changed = {name: is_hidden for name, is_hidden in hides.items() if is_hidden != getattr(before, name)}
    if changed:
        Showing.objects.update_or_create(user=request.user, defaults=changed)
    if hides["hides_online"]:
        pages.forget(request.user.pk, broadcasts.state_changed)
    if hides["hides_writing"]:
        broadcasts.writes_no_more(request.user)
    messages.success(request, "Saved.")
    return SeeOther("profile")
