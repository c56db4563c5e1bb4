"""Coming into a chat, bringing others, and removing them."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from messaging.accounts.models.invitation import Invitation
from messaging.accounts.people import display_name, found_by, may_invite
from messaging.chats.forms import LevelForm, PeopleForm, SearchForm
from messaging.chats.models.chat import Chat
from messaging.chats.models.membership import Membership
from messaging.chats.models.order import GOVERNS
from messaging.chats.rights import governed
from notifications.push import SeeOther, SignedInRequest, gone_is_not_found, notify

PAGE_SIZE = 20


@require_POST
@gone_is_not_found(Chat)
def join(request: SignedInRequest, pk: int) -> HttpResponse:
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    chat.admit(request.user)
    return SeeOther(chat)


@gone_is_not_found(Chat)
def members(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show who is in a chat; members of a room invite others."""
    chat = get_object_or_404(Chat.objects.visible_to(request.user), pk=pk)
    membership = chat.membership_of(request.user)
    form = PeopleForm(request.POST or None, not_in=chat)
    if request.method == "POST" and not (chat.is_room and membership):
        raise Http404
    if form.is_valid() and (banned := _names_of_banned(chat, form.cleaned_data["people"])):
        form.add_error("people", f"Kept out of this room until its owner lets them in again: {banned}.")
    if form.is_valid() and form.may_invite(request.user):
        for user in form.cleaned_data["people"]:
            _invite(request.user, user, chat)
        return SeeOther("chat-members", chat.pk)
    return _members_page(request, chat, form=form)


@require_POST
@gone_is_not_found(Chat)
def invite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a link by which somebody gets an account and comes into a room."""
    chat = get_object_or_404(Chat, pk=pk, kind__in=Chat.ROOMS, memberships__user=request.user)
    if not may_invite(request.user):
        raise Http404
    Invitation.objects.make(request.user, room=chat)
    return SeeOther("invitations")


@require_POST
@gone_is_not_found(Chat)
def level(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose what of a chat one is notified of."""
    found = request.user.chat_memberships.filter(chat__in=Chat.objects.visible_to(request.user).filter(pk=pk))
    membership = get_object_or_404(found.select_related("chat"))
    form = LevelForm(request.POST)
    if not form.is_valid():
        return _members_page(request, membership.chat, level_form=form)
    chosen, title = Membership.Level(form.cleaned_data["level"]), membership.chat.title_for(request.user)
    membership.set_level(chosen)
    messages.info(request, f"{title}: the bell tells you of {chosen.label.lower()}.")
    return SeeOther("chat-members", pk)


@require_POST
@gone_is_not_found(Chat)
def remove(request: SignedInRequest, pk: int, user_pk: int) -> HttpResponse:
    """Remove a member from a room that one keeps in order, and keep them out."""
    chat = governed(request, pk)
    user = get_object_or_404(User, pk=user_pk, chat_memberships__in=chat.memberships.all())
    chat.ban(user, request.user)
    messages.info(request, f"{display_name(user)} is no longer in {chat}, and kept out.")
    return SeeOther("chat-members", chat.pk)


@require_POST
@gone_is_not_found(Chat)
def lift_ban(request: SignedInRequest, pk: int, user_pk: int) -> HttpResponse:
    """Let somebody who was removed come in again."""
    chat = governed(request, pk)
    user = get_object_or_404(User, pk=user_pk, chat_memberships__in=chat.bans)
    chat.lift_ban(user, request.user)
    messages.info(request, f"{display_name(user)} may come into {chat} again.")
    return SeeOther("chat-members", chat.pk)


def _members_page(request: SignedInRequest, chat: Chat, **forms: Form) -> HttpResponse:
    membership = chat.membership_of(request.user)
    search_form = SearchForm(request.GET)
    is_meant = found_by(search_form.typed, "user__")
    bans = chat.bans.filter(is_meant).select_related("user__called").order_by("-banned_at", "pk")
    members = chat.memberships.filter(is_meant).select_related("user__called").order_by("user__username")
    # Those with a role are few. Ordered with them, all others would be sorted for each page instead of being read in
    # their order.
    page = Paginator(members.exclude(GOVERNS), PAGE_SIZE).get_page(request.GET.get("page"))
    governing = members.filter(GOVERNS).order_by("-is_owner", "user__username") if page.number == 1 else []
    context = {
        "chat": chat,
        "title": chat.title_for(request.user),
        "membership": membership,
        "page": page,
        "members": [*governing, *page],
        "roles": Membership.Role.choices,
        "bans": bans[:PAGE_SIZE] if membership and membership.governs else [],
        "search_form": search_form,
        "form": PeopleForm(not_in=chat),
        "level_form": LevelForm(initial={"level": membership.level}) if membership else None,
        **forms,
    }
    has_errors = any(form.errors for form in forms.values())
    return render(request, "messaging/chats/members.html", context, status=422 if has_errors else 200)


def _names_of_banned(chat: Chat, users: list[User]) -> str:
    return ", ".join(sorted(chat.bans.filter(user__in=users).values_list("user__username", flat=True)))


def _invite(inviter: User, user: User, chat: Chat) -> None:
    if chat.invite(user, inviter):
        notify(user, f"{display_name(inviter)} invited you to {chat}.", chat.get_absolute_url(), subject=chat.stream)
