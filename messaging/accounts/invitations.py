"""The pages of invitations: to make them, to see those there are, to end one."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from messaging.accounts.models.invitation import DAYS, USES, Invitation
from messaging.accounts.people import may_invite
from notifications.push import SeeOther, SignedInRequest


class InvitationForm(forms.Form):
    """How long an invitation is good, and for how many."""

    days = forms.IntegerField(label="Days that it is good for", min_value=1, max_value=90, initial=DAYS)
    uses = forms.IntegerField(label="People who can use it", min_value=1, max_value=1000, initial=USES)


def invitations(request: SignedInRequest) -> HttpResponse:
    """Show the links that work and make new ones."""
    if not may_invite(request.user):
        raise Http404
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        Invitation.objects.make(request.user, **form.cleaned_data)
        return SeeOther("invitations")
    found = Invitation.objects.visible_to(request.user).alive().select_related("made_by", "room").order_by("-pk")
    context = {"form": form, "invitations": [invitation for invitation in found if invitation.is_good]}
    status = 422 if form.errors else 200
    return render(request, "messaging/accounts/invitations.html", context, status=status)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End an invitation before its time."""
    get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk).delete()
    messages.info(request, "That link does not work any more.")
    return SeeOther("invitations" if may_invite(request.user) else "profile")
