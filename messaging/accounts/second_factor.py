"""The second factor: what allauth leaves open of it, and who must have one."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn import forms as webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from messaging.accounts.forms import PlainForm
from notifications.push import SeeOther, limits

TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
OPEN_WITHOUT = {
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
}
"""The pages of somebody who has to set one up first."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Calls accounts by their user names."""

    def _get_user_identifier(self, user: User) -> str:
        return user.username

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse to take the last one away where one is needed."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=TYPES).exclude(pk=authenticator.pk)
        return not is_needed(authenticator.user) or others.exists()


class CountedCode(PlainForm):
    """A code, guesses at which are counted for each person, as wrong passwords are."""

    user: User

    def clean_code(self) -> str:
        limits.take("second_factor", self.user.pk)
        code: str = super().clean_code()  # type: ignore[misc]
        limits.give_back("second_factor", self.user.pk)
        return code


class AuthenticateForm(CountedCode, base.AuthenticateForm):
    """A code to sign in."""


class ReauthenticateForm(CountedCode, base.ReauthenticateForm):
    """A code in place of the password."""


class ActivateTOTPForm(PlainForm, totp.ActivateTOTPForm):
    """The first code of an authenticator app."""


class AnyKey(PlainForm):
    """What a browser says of a key, or what somebody says in its place: nonsense is refused, and no error."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except (AttributeError, KeyError, TypeError, ValueError):
            self.add_error(None, get_adapter().validation_error("incorrect_code"))


class AddWebAuthnForm(AnyKey, webauthn.AddWebAuthnForm):
    """A passkey, by which one signs in without a password, or a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = "Sign in with it alone"
        self.fields["passwordless"].help_text = "A passkey: it asks for your finger, face or PIN, and for no password."


class AuthenticateWebAuthnForm(AnyKey, webauthn.AuthenticateWebAuthnForm):
    """A key after the password."""


class ReauthenticateWebAuthnForm(AnyKey, webauthn.ReauthenticateWebAuthnForm):
    """A key in place of the password."""


class LoginWebAuthnForm(AnyKey, webauthn.LoginWebAuthnForm):
    """A passkey and nothing else."""


class SecondFactorRequired:
    """Leads who needs a second factor and has none to where it is set up, before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        user = request.user
        if not user.is_authenticated or not is_needed(user) or is_mfa_enabled(user, TYPES):
            return None
        # The page that it is done on then shows nothing of the site.
        request.must_set_up = True  # type: ignore[attr-defined]
        if getattr(request.resolver_match, "view_name", "") in OPEN_WITHOUT:
            return None
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(reverse("mfa_index"))
        messages.info(request, "Set up a second factor first: this site needs one of you.")
        return SeeOther("mfa_index")


def lacking() -> Q:
    """Return the condition of those who need a second factor and have none."""
    whom = settings.REQUIRE_SECOND_FACTOR
    if not whom:
        return Q(pk__in=[])
    has_one = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=TYPES))
    return ~Q(has_one) if whom == "everybody" else ~Q(has_one) & Q(is_staff=True)


def is_needed(user: User) -> bool:
    """Return whether the site lets this person in only with a second factor."""
    whom = settings.REQUIRE_SECOND_FACTOR
    return whom == "everybody" or (whom == "staff" and user.is_staff)
