"""Which messages of this site a text links to."""

import re
from html import unescape
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import Resolver404, resolve

from notifications.push import whole_number

MOST = 3
"""So many of them are quoted."""
HREF = re.compile(r'<a href="([^"]*)"')
SIGN = "#message-"
"""What an address of a message has in it, so that nothing else needs a closer look."""


def linked(html: str) -> list[int]:
    """Return the primary keys of the messages that rendered text links to, each once, the first ones first."""
    if SIGN not in html:
        return []
    found = (_message(unescape(address)) for address in HREF.findall(html))
    return list(dict.fromkeys(pk for pk in found if pk))[:MOST]


def _message(address: str) -> int | None:
    try:
        parts = urlsplit(address)
        is_chat = _is_here(parts) and resolve(parts.path).url_name == "chat"
    except (ValueError, Resolver404):
        return None
    return whole_number(parts.fragment.removeprefix(SIGN[1:])) if is_chat else None


def _is_here(parts: SplitResult) -> bool:
    """Return whether it is an address that this site answers at; the port may be that of what stands before it."""
    return validate_host(
        (parts.hostname or "").lower(), [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname]
    )
