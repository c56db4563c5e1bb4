"""What every page needs for the list of chats."""

from typing import Any

from django.http import HttpRequest

from messaging.chats.sidebar import entries


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """Give whole pages the list of the person's chats, read when the template gets there."""
    user = getattr(request, "user", None)
    if user and user.is_authenticated and not request.htmx:  # type: ignore[attr-defined]
        return {"entries": lambda: entries(user)}
    else:
        return {}
