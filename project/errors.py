"""Pages for what goes wrong. They know no person, read no form and ask no database: that may be what is wrong."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
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


def error_page(request: HttpRequest | None, status: int, text: str = "", **context: Any) -> HttpResponse:
    """Answer with the page of one of the statuses in PAGES; whoever takes no pages, as htmx, gets only the text."""
    heading, usual = PAGES[status]
    text = text or usual
    if request and ("HX-Request" in request.headers or not request.accepts("text/html")):
        return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    shown = {"heading": heading, "text": text, "home": f"{settings.PATH_PREFIX}/"}
    page = render_to_string("error.html", {**shown, **context})
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403, str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)
