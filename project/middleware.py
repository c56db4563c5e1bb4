"""What is asked of every request before its view sees it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from notifications.http import sign_in_first


class Utf8FormsOnly:
    """Refuses forms in another character set: decoded by it, they could hold what no database can store."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (request.content_params or {}).get("charset", "utf-8").lower() in {"utf-8", "utf8"}:
            return self.get_response(request)
        else:
            return HttpResponse("Forms are read as UTF-8 only.\n", status=400, content_type="text/plain")


class SignInRequired(LoginRequiredMiddleware):
    """Every page needs a signed-in person unless its view says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # a redirect by htmx is no HttpResponseRedirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        return sign_in_first(request) if request.htmx else super().handle_no_permission(request, view_func)  # type: ignore[attr-defined]
