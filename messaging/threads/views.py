"""Threads: the way into one, and following it. Its page is that of a chat."""

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from messaging.chats.models.chat import Chat
from messaging.messages.actions import Action
from messaging.messages.models import Message
from messaging.threads.answering import thread_of
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, limits


def action(message: Message, user: User) -> Action | None:
    """Return the entry of a message's menu that leads to its thread."""
    if message.chat.is_thread:
        return None
    address = reverse("thread", args=[message.pk])
    return Action("Reply in thread", "messaging/icons/thread.svg", address, is_post=True, is_leading=True)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@gone_is_not_found(Chat, Message)
def thread(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lead to the thread of a message, which is made by asking for it (POST); htmx to what stands beside a chat."""
    found = Message.objects.visible_to(request.user).exclude(chat__kind=Chat.Kind.THREAD)
    root = get_object_or_404(found.select_related("chat", "author__called"), pk=pk)
    begun = Chat.objects.filter(root=root).first()
    if root.deleted_at and not begun:
        raise Http404
    if request.method == "POST" and not begun:
        limits.take("posts", request.user.pk)
        begun = thread_of(root)
    if begun:
        return SeeOther(f"{begun.get_absolute_url()}?beside" if request.htmx else begun)
    title = Chat(kind=Chat.Kind.THREAD, parent=root.chat, root=root).title_for(request.user)
    return render(request, "messaging/threads/first.html", {"root": root, "title": title})


@require_POST
@gone_is_not_found(Chat)
def following(request: SignedInRequest, pk: int) -> HttpResponse:
    """Follow a thread or, with `is_on` 0, no more."""
    thread = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk, kind=Chat.Kind.THREAD)
    if request.POST.get("is_on") == "0":
        thread.release(request.user)
    else:
        thread.admit(request.user)
    return SeeOther(thread.beside_address if "beside" in request.POST else thread)
