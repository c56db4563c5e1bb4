"""Forms that come too late: nothing is done, what was typed is given back, and who need not fill it in is led on."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token

from notifications.http import SeeOther, form_page, sign_in_first
from project.errors import error_page

STALE = "This page is out of date: you have signed in or out elsewhere since. Nothing was done. Open it again."
ONCE_MORE = "The page was out of date: you have signed in or out elsewhere since. Nothing has been done yet."
ANOTHERS = "The page was out of date: somebody else had opened it. Nothing was done, and what they wrote is not shown."
SIGNED_OUT = "You are not signed in any more, or not yet. Nothing was done."
FOREIGN = "That came from the page of another site, or your browser hides from where, and was not done."
DOORS = {"account_login", "account_signup", "account_signup_invited", "account_reset_password"}
"""Pages of those who are not signed in, with forms that can be shown again; they lead on whoever is."""
NOT_TYPED = {"csrfmiddlewaretoken", "client_id", "edition", "next", "person", "zone"}
SECRET = ("pass", "code", "token", "secret", "credential")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form whose token is not the browser's: nothing may be done by it, for whoever has signed in by now."""
    if not reason.startswith("CSRF "):
        return error_page(request, 403, FOREIGN)
    if "HX-Request" in request.headers:
        return error_page(request, 403, STALE)
    name = request.resolver_match and request.resolver_match.url_name
    if name in DOORS:
        return _shown_again(request)
    is_open = not getattr(request.resolver_match and request.resolver_match.func, "login_required", True)
    if is_open and not (name == "account_logout" and request.user.is_authenticated):
        return SeeOther(form_page(request))
    if not request.user.is_authenticated:
        return _signed_out(request)
    return _asked_again(request, request.user)


def signed_out(request: HttpRequest) -> HttpResponseBase:
    """Lead to sign-in and back to the page of the form; what was typed in one of ours is shown first."""
    return _signed_out(request) if "person" in request.POST else sign_in_first(request)


def _signed_out(request: HttpRequest) -> HttpResponseBase:
    answer, typed = sign_in_first(request), _typed(request)
    if not typed:
        return answer
    return error_page(request, 403, SIGNED_OUT, typed=typed, next=answer["Location"], next_label="Sign in")


def _shown_again(request: HttpRequest) -> HttpResponseBase:
    """Show the page as if it were opened anew, with what was typed and is no secret; who is signed in is led on."""
    match = request.resolver_match
    assert match  # noqa: S101 - its name is known
    request.method, typed = "GET", _fields(request)
    # What allauth calls `login` is sent as `username`.
    initial = {**typed, "login": typed.get("username", "")}
    view = match.func.view_class.as_view(**match.func.view_initkwargs, initial=initial)  # type: ignore[attr-defined]
    answer: HttpResponseBase = view(request, *match.args, **match.kwargs)
    if answer.status_code == 200:
        messages.warning(request, ONCE_MORE)
        answer.status_code = 403
    return answer


def _asked_again(request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> HttpResponseBase:
    """Show a form of one's own once more; what has secrets in it has to be filled in on its own page."""
    page = form_page(request)
    person = request.POST.get("person")
    if person is None:
        return error_page(request, 403, STALE, typed=_typed(request), next=page, next_label="Open it again")
    if person != str(user.pk):
        return error_page(request, 403, ANOTHERS, next=page, next_label="Open it again")
    if any(map(_is_secret, request.POST)):
        messages.warning(request, ONCE_MORE)
        return SeeOther(page)
    context: dict[str, Any] = {
        "heading": "Send it again?",
        "action": request.get_full_path(),
        "fields": [(name, value, name in NOT_TYPED) for name, values in request.POST.lists() for value in values],
        "csrf_token": get_token(request),
    }
    return error_page(request, 403, ONCE_MORE, next=page, next_label="Back to the page", **context)


def _is_secret(name: str) -> bool:
    return name != "csrfmiddlewaretoken" and any(word in name.lower() for word in SECRET)


def _fields(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.POST.items() if name not in NOT_TYPED and not _is_secret(name)}  # type: ignore[misc]


def _typed(request: HttpRequest) -> list[str]:
    """Return what somebody may have typed, and is no secret."""
    return [value for name in _fields(request) for value in request.POST.getlist(name) if value.strip()]
