"""The page of one's programs: what they sign in by, made here and shown once, and taken back."""

from datetime import timedelta
from typing import cast

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.push import Scope, SeeOther, SignedInRequest, Token, note_deed

MOST = 50
DAYS = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "For ever"))


class TokenForm(forms.Form):
    """What a token is for, what it is good for, and how long."""

    name = forms.CharField(label="What it is for", max_length=100)
    scopes = forms.MultipleChoiceField(
        label="It may", choices=Scope.choices, initial=["read", "write"], widget=forms.CheckboxSelectMultiple
    )
    days = forms.ChoiceField(label="It is good for", choices=DAYS, required=False, initial="90")

    def __init__(self, user: User, data: QueryDict | None) -> None:
        super().__init__(data)
        self.user = user
        if not user.is_staff:
            scopes = cast(forms.MultipleChoiceField, self.fields["scopes"])
            scopes.choices = [choice for choice in Scope.choices if choice[0] != Scope.ANNOUNCE]

    def clean(self) -> None:
        if not self.errors and self.user.api_tokens.count() >= MOST:
            raise ValidationError(f"One has at most {MOST} tokens. Revoke one first.", code="many")

    def issue(self) -> tuple[Token, str] | None:
        """Make the token; nothing, with the reason in the form, if it cannot be."""
        days = self.cleaned_data["days"]
        expires_at = timezone.now() + timedelta(days=int(days)) if days else None
        try:
            return Token.objects.issue(self.user, self.cleaned_data["name"], self.cleaned_data["scopes"], expires_at)
        except ValidationError as error:
            self.add_error("name", error)
            return None


@require_safe
def tokens(request: SignedInRequest) -> HttpResponse:
    """Show one's tokens, without their secrets, which nobody has."""
    return render(request, "messaging/accounts/tokens.html", {"tokens": request.user.api_tokens.all()})


# Whoever finds a browser open must not be able to take something along that opens as much for months.
@reauthentication_required(app="messaging")
def create(request: SignedInRequest) -> HttpResponse:
    """Make a token, and show its secret this once."""
    form = TokenForm(request.user, request.POST or None)
    if form.is_valid() and (issued := form.issue()):
        token, secret = issued
        note_deed(f"token {token.pk} made for {', '.join(token.scopes)}", request)
        return render(request, "messaging/accounts/token.html", {"token": token, "secret": secret})
    return render(request, "messaging/accounts/token_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a token open nothing any more."""
    get_object_or_404(request.user.api_tokens, pk=pk).revoke()
    note_deed(f"token {pk} revoked", request)
    messages.info(request, "That token opens nothing any more.")
    return SeeOther("tokens")
