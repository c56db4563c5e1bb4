"""The webhooks of a chat or an inbox: make, change and try one, read what was sent, and send it again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notifications.http import SeeOther, SignedInRequest, gone_is_not_found, note_deed
from notifications.limits import windows as limits
from notifications.live import streams
from notifications.queue import enqueue_on_commit
from notifications.webhooks import recording
from notifications.webhooks.forms import WebhookForm
from notifications.webhooks.models import Webhook, WebhookDelivery
from notifications.webhooks.recording import Subject

MOST = 20
"""So many webhooks a chat or an inbox has."""
PAGE_SIZE = 20


def own_list(request: SignedInRequest) -> HttpResponse:
    """List those of one's own inbox."""
    return webhook_list(request, streams.of_person(request.user.pk))


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: SignedInRequest, name: str) -> HttpResponse:
    """List the webhooks of a subject, and make one."""
    subject, pk = _managed(request, name)
    form = WebhookForm(subject.events, request.POST or None)
    hooks = Webhook.objects.filter(subject=name).order_by("pk")
    if form.is_valid() and hooks.count() >= MOST:
        form.add_error(None, f"There are {MOST} webhooks already. Delete one of them first.")
    if form.is_valid() and limits.allowed("webhooks", request.user.pk, form=form):
        form.instance.subject, form.instance.owner = name, request.user
        with transaction.atomic():
            hook = form.save()
            subject.note(pk)
        note_deed(f"webhook {hook.pk} made for {name} to {hook.host!a}", request)
        return SeeOther(hook)
    context = {"hooks": hooks, "form": form, "title": subject.title(request.user, pk), "back": subject.address(pk)}
    return render(request, "notifications/webhooks/list.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_not_found(Webhook)
def webhook(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a webhook with its log; change where it leads and what it hears of."""
    hook = _own(request, pk)
    subject, subject_pk = _managed(request, hook.subject)
    form = WebhookForm(subject.events, request.POST or None, instance=hook)
    if form.is_valid():
        # Whoever has said last where it leads answers for it.
        form.instance.owner = request.user
        form.save()
        note_deed(f"webhook {pk} changed, to {hook.host!a}", request)
        messages.info(request, "It is changed.")
        return SeeOther(hook)
    log = hook.deliveries.order_by("-pk").defer("body", "answer")
    context = {
        "hook": _own(request, pk) if form.errors else hook,
        "form": form,
        "title": subject.title(request.user, subject_pk),
        "page": Paginator(log, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "notifications/webhooks/webhook.html", context, status=422 if form.errors else 200)


@require_POST
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    """Switch it on (`is_on` 1), and answer for it from now on, or off."""
    hook = _own(request, pk)
    if request.POST.get("is_on") == "1":
        Webhook.objects.filter(pk=pk).update(owner=request.user)
        hook.switch_on()
    else:
        hook.switch_off()
    note_deed(f"webhook {pk} switched {'on' if request.POST.get('is_on') == '1' else 'off'}", request)
    return SeeOther(hook)


@require_POST
def renew(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give it another secret."""
    hook = _own(request, pk)
    hook.renew_secret()
    note_deed(f"webhook {pk} given another secret", request)
    messages.info(request, "It has another secret. For a day messages are signed with the former one, too.")
    return SeeOther(hook)


@require_POST
def test(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send it an event that says nothing else."""
    hook = _own(request, pk)
    if _is_within_limit(request):
        (made,) = recording.keep([hook], recording.TEST, {"text": f"A test by {request.user.get_username()}"})
        return SeeOther(made)
    return SeeOther(hook)


@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = _own(request, pk)
    subject, subject_pk = _managed(request, hook.subject)
    with transaction.atomic():
        hook.delete()
        subject.note(subject_pk)
    note_deed(f"webhook {pk} deleted", request)
    return SeeOther("notifications:webhooks", hook.subject)


@require_safe
def delivery(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what was sent, and what was answered."""
    return render(request, "notifications/webhooks/delivery.html", {"delivery": _delivery(request, pk)})


@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send it again, with the same id."""
    found = _delivery(request, pk)
    if _is_within_limit(request):
        found.send_again()
        enqueue_on_commit(recording.SEND)
    return SeeOther(found)


def _is_within_limit(request: SignedInRequest) -> bool:
    try:
        limits.take("webhooks", request.user.pk)
    except limits.Limited as error:
        messages.error(request, error.messages[0])
        return False
    return True


def _managed(request: SignedInRequest, name: str) -> tuple[Subject, int]:
    found = recording.find(name)
    if found is None or not recording.may_manage(request.user, name):
        raise Http404
    return found


def _own(request: SignedInRequest, pk: int) -> Webhook:
    hook = get_object_or_404(Webhook, pk=pk)
    _managed(request, hook.subject)
    return hook


def _delivery(request: SignedInRequest, pk: int) -> WebhookDelivery:
    found = get_object_or_404(WebhookDelivery.objects.select_related("webhook"), pk=pk)
    _managed(request, found.webhook.subject)
    return found
