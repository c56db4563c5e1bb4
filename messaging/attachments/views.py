"""Files: send one, look at one, say what is to be seen in it, fetch it."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.attachments import previews, serving, storage, uploading
from messaging.attachments.forms import DescriptionForm
from messaging.attachments.models import Attachment
from messaging.chats.models.chat import Chat
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found

PAGE_SIZE = 20


@require_POST
@gone_is_not_found(Chat)
def upload(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep a file for the message that is being written; answer with its line in the composer."""
    chat, _ = Chat.objects.opened_by(request.user, pk)
    given: Any = request.FILES.get("file")
    try:
        if given is None:
            raise ValidationError("Choose a file first.")
        attachment = uploading.receive(chat, request.user, given)
    except ValidationError as error:
        status = getattr(error, "status", 422)
        return HttpResponse("\n".join(error.messages), status=status, content_type="text/plain")
    return render(request, "messaging/attachments/_kept.html", {"file": attachment})


@require_safe
@gone_is_not_found(Chat)
def files(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the files of a chat and its threads, the newest first, page by page, and lead to its links and pins."""
    chat, _ = Chat.objects.opened_by(request.user, pk)
    here = Chat.objects.filter(Q(pk=chat.pk) | Q(parent=chat))
    said = Attachment.objects.filter(chat__in=here, message__isnull=False)
    found = said.select_related("owner__called", "message__chat").order_by("-created_at", "key")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"chat": chat, "title": chat.title_for(request.user), "page": page}
    return render(request, "messaging/attachments/list.html", context)


@require_http_methods(["GET", "HEAD", "POST", "DELETE"])
def file(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    """Show a file; who sent it says what is to be seen in it (POST), and takes it back until it is sent (DELETE)."""
    attachment = _found(request, key)
    if request.method in {"GET", "HEAD"}:
        return _page(request, attachment, DescriptionForm(instance=attachment))
    if attachment.owner_id != request.user.pk:
        raise Http404
    if request.method == "DELETE" or "delete" in request.POST:
        get_object_or_404(Attachment.objects.waiting(request.user), pk=key)
        Attachment.objects.waiting(request.user).filter(pk=key).give_up()
        return HttpResponse(status=204) if request.method == "DELETE" else SeeOther("home")
    form = DescriptionForm(request.POST, instance=attachment)
    if not form.is_valid():
        return _page(request, attachment, form, status=422)
    Attachment.objects.filter(pk=key).update(description=form.cleaned_data["description"])
    previews.show(attachment)
    return SeeOther("file", key=key)


@require_safe
@serving.inert
def content(request: SignedInRequest, key: uuid.UUID) -> HttpResponseBase:
    """Answer with the file itself."""
    return serving.original(request, _found(request, key))


@require_safe
@serving.inert
def thumbnail(request: SignedInRequest, key: uuid.UUID) -> HttpResponseBase:
    """Answer with a picture's small copy."""
    return serving.preview(request, _found(request, key), storage.THUMBNAIL)


@require_safe
@serving.inert
def large(request: SignedInRequest, key: uuid.UUID) -> HttpResponseBase:
    """Answer with a picture's large copy, of those that browsers do not show themselves."""
    return serving.preview(request, _found(request, key), storage.LARGE)


def _found(request: SignedInRequest, key: uuid.UUID) -> Attachment:
    return get_object_or_404(Attachment.objects.visible_to(request.user).select_related("chat", "message"), pk=key)


def _page(request: SignedInRequest, attachment: Attachment, form: DescriptionForm, status: int = 200) -> HttpResponse:
    context = {
        "file": attachment,
        "chat": attachment.chat,
        "title": attachment.chat.title_for(request.user) if attachment.chat else "",
        "form": form if attachment.owner_id == request.user.pk else None,
        "size": settings.ATTACHMENT_SIZE,
    }
    return render(request, "messaging/attachments/file.html", context, status=status)
