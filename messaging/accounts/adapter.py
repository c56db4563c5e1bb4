"""What allauth asks the site: who may come in, what people are told, where links in mails lead.

Its hooks are methods of the same names: `pre_authenticate` before a password is looked at, `clean_username` for every
name that somebody chooses, `is_open_for_signup`, `send_mail`.
"""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from messaging.accounts.models.name import TAKEN, check_new
from notifications.push import SeeOther, limits

SAID = {
    "account/messages/email_confirmation_failed.txt": "That address belongs to another account.",
    "account/messages/email_confirmation_sent.txt": "A link to confirm it was sent to {email}.",
    "account/messages/email_confirmed.txt": "{email} is confirmed.",
    "account/messages/email_deleted.txt": "{email} is removed.",
    "account/messages/password_changed.txt": "Your password is changed. Your other devices have been signed out.",
    "socialaccount/messages/account_connected.txt": "From now on you can sign in that way.",
    "socialaccount/messages/account_connected_other.txt": "That belongs to another account here.",
    "socialaccount/messages/account_connected_updated.txt": "You can sign in that way already.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "Your authenticator app is not asked for any more.",
    "mfa/messages/webauthn_added.txt": "The key is added.",
    "mfa/messages/webauthn_removed.txt": "The key is removed.",
    "account/messages/password_set.txt": "You have a password now. Your other devices have been signed out.",
}
"""What people are told of all that allauth would tell them, by the names of its templates."""


class AccountAdapter(DefaultAccountAdapter):
    """Accounts as Bellwire wants them: one user name, the site's own words, nothing but pages."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # The same for everybody: it must not say who is here, nor who is no more.
        "username_password_mismatch": "Please enter a correct username and password.",
        "username_taken": TAKEN,
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing: guesses are counted by `backends.CountingBackend`."""

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Take a new name that can pass for nobody else's."""
        username = str(super().clean_username(username, shallow=True))
        if not shallow:
            check_new(username)
        return username

    def get_login_stages(self) -> list[str]:
        return ["messaging.accounts.stages.ConfirmEmail", "allauth.mfa.stages.AuthenticateStage"]

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Ask who has something to answer with; who comes by another provider alone has not."""
        return bool(self.get_reauthentication_methods(self.request.user))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP == "open" or bool(settings.SIGN_UP_DOMAINS)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        if not signup:  # Then the form has counted it.
            limits.take("mail", emailconfirmation.email_address.email)
        super().send_confirmation_mail(request, emailconfirmation, signup)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if text := message or SAID.get(message_template or "", "").format(**message_context or {}):
            messages.add_message(request, level, text, extra_tags)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, "This account is deactivated.")
        return SeeOther(settings.LOGIN_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def is_safe_url(self, url: str) -> bool:
        """Follow addresses of this very site only, by the scheme and port that it is used by."""
        request = self.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def is_ajax(self, request: HttpRequest) -> bool:
        """Give programs nothing but what the script of the sign-in page fetches: a challenge for the passkey."""
        return request.method == "GET" and request.path == reverse("mfa_login_webauthn")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address as the server has found it out, or one that is nobody's."""
        try:
            return str(ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
        except ValueError:
            return "0.0.0.0"  # noqa: S104

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _by_settings(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _by_settings(super().get_email_confirmation_url(request, emailconfirmation))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**context, "site_url": settings.SITE_URL + settings.PATH_PREFIX})


def _by_settings(url: str) -> str:
    """Return the address as the settings know the site: a Host header, which anybody can write, has no say in mails."""
    return f"{settings.SITE_URL}{urlsplit(url).path}"
