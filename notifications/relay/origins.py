"""Which pages may open a socket: those of this site, by the rule that Django applies to forms."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from notifications.relay.credentials import secret_of


class SameOriginOnly:
    """Refuse handshakes from foreign pages, port included; a client that is no browser sends no Origin and passes.

    Browsers send cookies with WebSocket handshakes of any site, so without this a foreign page could read along.
    Whoever sends a token may come from anywhere, as apps in shells of their own do: their cookies open nothing.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if secret_of(scope) or is_own_origin(headers.get(b"origin"), headers.get(b"host", "")):
            await self.application(scope, receive, send)
        else:
            denier: Any = WebsocketDenier()
            await denier(scope, receive, send)


def is_own_origin(origin: str | None, host: str) -> bool:
    """Return whether a page of `origin` may talk to this `host`."""
    if origin is None:
        return True
    try:
        scheme, netloc = urlsplit(origin)[:2]
    except ValueError:
        return False
    # The host must be one of ours too, or a rebound DNS name could pose as the same origin.
    domain, _ = split_domain_port(host)
    if netloc == host and validate_host(domain, settings.ALLOWED_HOSTS):
        return scheme == "https" or (scheme == "http" and not settings.SESSION_COOKIE_SECURE)
    trusted = (urlsplit(each) for each in settings.CSRF_TRUSTED_ORIGINS)
    return any(scheme == each.scheme and is_same_domain(netloc, each.netloc.lstrip("*")) for each in trusted)
