"""Pages for what goes wrong. They know no person, read no form and ask no database: that may be what is wrong."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string

PAGES = {
    400: ("Not understood", "The site cannot read what your browser has sent."),
    403: ("Not allowed", "That is not yours to do."),
    404: ("Not here", "There is no such page, or it is not for you."),
    405: ("Not like this", "That cannot be done by this address. Go back, and use the page's own buttons."),
    413: ("Too large", "That is more than the site takes at once."),
    429: ("Too often", "That was too often. Try again in a moment."),
    500: ("Something went wrong", "It has been noted. Please try again in a moment."),
    503: ("Too busy", "The site cannot answer now. Please try again in a moment."),
}
STALE = "This page is out of date: you have signed in or out elsewhere since. Nothing was done. Open it again."
FOREIGN = "That came from the page of another site, or your browser hides from where, and was not done."
NOT_TYPED = {"csrfmiddlewaretoken", "client_id", "next"}
SECRET = ("pass", "code", "token", "secret")


def error_page(request: HttpRequest | None, status: int, text: str = "", **context: Any) -> HttpResponse:
    """Answer with the page of one of the statuses in PAGES; whoever takes no pages, as htmx, gets only the text."""
    heading, usual = PAGES[status]
    text = text or usual
    if request and ("HX-Request" in request.headers or not request.accepts("text/html")):
        return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    page = render_to_string("error.html", {"heading": heading, "text": text, **context})
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that nothing was done and, where the form was one of this site's pages, what had been written in it."""
    if reason.startswith("CSRF "):
        return error_page(request, 403, STALE, typed=_typed(request.POST))
    else:
        return error_page(request, 403, FOREIGN)


def _typed(form: QueryDict) -> list[str]:
    """Return what somebody may have typed, and is no secret."""
    names = [name for name in form if name not in NOT_TYPED and not any(word in name.lower() for word in SECRET)]
    return [value for name in names for value in form.getlist(name) if value.strip()]
