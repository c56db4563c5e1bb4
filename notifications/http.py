"""Answers to forms, with and without htmx."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class Utf8FormsOnly:
    """Refuses forms in another character set: decoded by it, they could hold what no database can store."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 400, or pass the request on."""
        if (request.content_params or {}).get("charset", "utf-8").lower() in {"utf-8", "utf8"}:
            return self.get_response(request)
        else:
            return HttpResponse("Forms are read as UTF-8 only.\n", status=400, content_type="text/plain")


class SignedInRequest(HttpRequest):
    """What views are given here: the middleware lets nobody through who is not signed in."""

    user: User
    htmx: HtmxDetails


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, the result is to be fetched over there."""

    status_code = 303

    def __init__(self, to: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(resolve_url(to, *args, **kwargs))


class SignInRequired(LoginRequiredMiddleware):
    """Every page needs a signed-in person unless its view says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # a redirect by htmx is no HttpResponseRedirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        """Lead to sign-in and back; a request by htmx sends the whole page there, not just the part it would swap."""
        if request.htmx:  # type: ignore[attr-defined]
            page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(redirect_to_login(page, resolve_url(settings.LOGIN_URL)).url)
        else:
            return super().handle_no_permission(request, view_func)
