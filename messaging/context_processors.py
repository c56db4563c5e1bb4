"""What every page needs: the list of chats, and what the site can do."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from messaging.accounts.people import may_invite
from messaging.chats.models.folding import folding_of
from messaging.chats.sidebar import entries


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """Give whole pages the list of the person's chats, read when the template gets there."""
    user = getattr(request, "user", None)
    if user and user.is_authenticated and not request.htmx:  # type: ignore[attr-defined]
        match = request.resolver_match
        current = match.kwargs.get("pk") if match and (match.url_name or "").startswith("chat") else None
        return {"entries": lambda: entries(user, current), "folding": SimpleLazyObject(lambda: folding_of(user))}
    else:
        return {}


def site(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "oidc_name": settings.OIDC_URL and settings.OIDC_NAME,
        "sends_mail": settings.SENDS_MAIL,
        "sign_up": settings.SIGN_UP,
        "may_invite": bool(user and user.is_authenticated and may_invite(user)),
    }
