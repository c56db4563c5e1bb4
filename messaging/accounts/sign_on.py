"""Sign-on by a provider of OpenID Connect that the settings name."""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from notifications.push import SeeOther

PROVIDER = "oidc"
MOST_AT_ONCE = 4
"""How many may wait for the provider in one process: each of them keeps a thread that serves requests."""

_places = BoundedSemaphore(MOST_AT_ONCE)


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Who comes by the provider, and as whom."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Let in whom the provider knows; by domain only with an address that it has confirmed; nobody if closed."""
        if settings.SIGN_UP_DOMAINS:
            confirmed = {address.rpartition("@")[2] for address in _confirmed(sociallogin)}
            return not confirmed.isdisjoint(settings.SIGN_UP_DOMAINS)
        return settings.SIGN_UP != "closed"

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Take somebody for who has the same address here, if both the provider and this site have confirmed it."""
        found = EmailAddress.objects.filter(email__in=_confirmed(sociallogin), verified=True).select_related("user")
        return next(((address.user, address.email) for address in found), None)

    def on_authentication_error(self, request: HttpRequest, *args: Any, **more: Any) -> None:
        raise ImmediateHttpResponse(_refused(request))


def _confirmed(sociallogin: SocialLogin) -> list[str]:
    return [address.email.lower() for address in sociallogin.email_addresses if address.verified]


def _refused(request: HttpRequest) -> HttpResponse:
    messages.error(request, f"You could not be signed in by {settings.OIDC_NAME}. Try again, or another way.")
    return SeeOther("home" if request.user.is_authenticated else settings.LOGIN_URL)


def _by_provider(view: Callable[..., HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Ask the provider, unless too many are waiting for it; whatever it answers or not, it is no error of the site."""

    def wrapper(request: HttpRequest, provider_id: str) -> HttpResponse:
        if not _places.acquire(blocking=False):
            return _refused(request)
        try:
            return view(request, provider_id)
        except (KeyError, RequestException, TypeError, ValueError):
            return _refused(request)
        finally:
            _places.release()

    return login_not_required(wrapper)


sign_on = require_POST(_by_provider(views.login))
callback = require_safe(_by_provider(views.callback))


@login_not_required
@require_safe
def cancelled(request: HttpRequest) -> HttpResponse:
    """Lead back who has thought better of it."""
    return _refused(request)
