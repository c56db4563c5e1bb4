"""What those who open a socket come with: a session, or the secret of a token."""

import re
from typing import Any

from django.conf import settings
from django.http import parse_cookie

from notifications.relay.programs import SUBPROTOCOL

BEARER = "bearer."
"""A browser can send no header with a WebSocket: there the secret is the name of a second subprotocol behind this."""


def secret_of(scope: dict[str, Any]) -> str:
    """Return the secret of a token that was sent, or an empty string; whoever sends one is known by nothing else."""
    for value in _headers(scope, b"authorization"):
        if found := re.fullmatch(r"bearer +(\S+)", value.strip(), re.IGNORECASE):
            return found[1]
    names = scope.get("subprotocols", ())
    return next((name.removeprefix(BEARER) for name in names if name.startswith(BEARER)), "")


def session_of(scope: dict[str, Any]) -> str:
    """Return the key of the session whose cookie was sent, or an empty string."""
    cookies = "; ".join(_headers(scope, b"cookie"))
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")


def subprotocol_of(scope: dict[str, Any]) -> str | None:
    """Return the subprotocol to be answered: many clients fail if it is another than they have asked for, or none."""
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def _headers(scope: dict[str, Any], wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted]
