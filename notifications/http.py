"""What views are given and what they answer, with and without htmx."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

MAX_DIGITS = 18
"""Longer numbers in an address are no key or place of ours, and would not fit into the database's integers."""

security_log = logging.getLogger("bellwire.security")


class SignedInRequest(HttpRequest):
    """What views are given here: nobody comes this far who is not signed in."""

    user: User
    htmx: HtmxDetails


Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[SignedInRequest, Arguments], HttpResponseBase]


def root() -> str:
    """Return where the service's addresses begin: `/`, or what the project has put before them."""
    return reverse("notifications:inbox").removesuffix("notifications/")


def is_address(url: str) -> bool:
    """Return whether it is a path on this site (`/…`) or a whole `http(s)://` address, for every browser alike."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return False
    is_path = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    is_plain = url.isprintable() and url == url.strip() and "\\" not in url and " " not in parts.netloc
    return is_plain and (is_path or is_whole)


def signed_in_only(view: View[Arguments]) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]:
    """Lead everybody else to sign-in and back."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(cast(SignedInRequest, request), *args, **kwargs)
        else:
            return sign_in_first(request)

    return wrapper


def staff_only(view: View[Arguments]) -> View[Arguments]:
    """Answer everybody else as if there were no such page."""

    @wraps(view)
    def wrapper(request: SignedInRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        if request.user.is_staff:
            return view(request, *args, **kwargs)
        else:
            raise Http404

    return wrapper


def gone_is_not_found(*found: type[Model]) -> Callable[[View[Arguments]], View[Arguments]]:
    """Answer as if it had never been there, where one of these models is deleted in the middle of the view's work."""
    missing = tuple(model.DoesNotExist for model in found)  # type: ignore[attr-defined]  # each model has its own

    def decorate(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def wrapper(request: SignedInRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except missing:
                raise Http404 from None

        return wrapper

    return decorate


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, the result is to be fetched over there."""

    status_code = 303

    def __init__(self, to: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(resolve_url(to, *args, **kwargs))


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Lead to sign-in and back; a request by htmx sends the whole page there, not just the part it would swap."""
    sign_in = resolve_url(settings.LOGIN_URL)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(_path(request, "HX-Current-URL"), sign_in).url)
    else:
        return redirect_to_login(form_page(request), sign_in)


def form_page(request: HttpRequest) -> str:
    """Return the address of the page that a form came from; what is only shown has its own."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else _path(request, "Referer")


def _path(request: HttpRequest, header: str) -> str:
    """Return an address of this site that a browser names, without its host: anybody can say one that is none."""
    address = request.headers.get(header, "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return get_script_prefix()
    path = urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()
    return path if path.startswith("/") and is_address(path) else get_script_prefix()


def is_seen(request: HttpRequest) -> bool:
    """Return whether a person sees the answer: not if a browser fetches it in advance, or asks for its head alone."""
    is_in_advance = any("prefetch" in request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose"))
    return request.method != "HEAD" and not is_in_advance


def note_deed(deed: str, request: HttpRequest | None = None, user: User | None = None) -> None:
    """Write one line into the security log (`bellwire.security`): what was done, by whom, from which address.

    Who that is says the request, unless `user` does. What others may have written goes into `deed` by `ascii()`.
    """
    user = user or getattr(request, "user", None)
    parts = [f"{deed}:"]
    if user and user.is_authenticated:
        parts.append(f"{user.pk} {user.get_username()!a}")
    if request:
        parts.append(f"from {request.META.get('REMOTE_ADDR', '?')}")
    security_log.info(" ".join(parts))


def whole_number(value: str | None) -> int | None:
    """Return the number that an address or a form says; None for whatever is not one."""
    return int(value) if value and value.isdecimal() and len(value) <= MAX_DIGITS else None
