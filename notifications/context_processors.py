"""What every page needs for its bell and its sockets."""

from typing import Any

from django.http import HttpRequest

from notifications.models import Inbox


def page(request: HttpRequest) -> dict[str, Any]:
    """Give templates the person's inbox and the nonce that the content security policy asks for.

    The inbox, with its `seq`, is read before the template reads any notification: what comes after that is pushed.
    """
    context: dict[str, Any] = {"csp_nonce": getattr(request, "csp_nonce", "")}
    user = getattr(request, "user", None)
    if user and user.is_authenticated and not request.htmx:  # type: ignore[attr-defined]
        context["inbox"] = Inbox.objects.of(user)
    return context
