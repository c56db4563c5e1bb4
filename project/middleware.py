"""What is asked of every request before its view sees it, and what is said with every answer."""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django.template.response import TemplateResponse
from django.urls import resolve
from django.utils.cache import patch_cache_control
from whitenoise.middleware import WhiteNoiseFileResponse

from notifications.http import sign_in_first
from project.errors import PAGES, error_page
from project.late import signed_out

Answer = Callable[[HttpRequest], HttpResponseBase]


class SecurityHeaders(SecurityMiddleware):
    """Gives every answer, whoever makes it, the headers that guard it; only static files may be kept by a browser."""

    def process_request(self, request: HttpRequest) -> None:
        """Leave the redirect to HTTPS to Django's own, further in: load balancers ask for health over plain HTTP."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:  # type: ignore[override]  # streams, too
        for name, value in settings.SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if not isinstance(response, WhiteNoiseFileResponse):
            patch_cache_control(response, private=True, no_store=True)
        if hasattr(request, "signed_out"):
            # Under a prefix the storage is others' as well.
            response.headers["Clear-Site-Data"] = '"cache"' if settings.PATH_PREFIX else '"cache", "storage"'
        return super().process_response(request, response)  # type: ignore[arg-type]


class WithLength:
    """Says how long an answer is, whoever makes it: what is sent in chunks instead, HTTP/1.0 cannot read.

    Load balancers ask for health by it. uvicorn (0.54) sends chunks to it all the same; Django's own middleware gives
    the length to what comes from further in.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest, **kwargs: Any) -> None:
    """Have the answer say that the browser shall forget what it has seen."""
    request.signed_out = True  # type: ignore[attr-defined]


class ContentSecurityPolicy(CSPMiddleware):
    """Says what a page may load and do; to what is no page, nothing at all."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not response.get("Content-Type", "").startswith("text/html") and not report_only:
            parts.config = parts.config or settings.NO_PAGE_POLICY
        return parts


class HooksFirst:
    """Has hooks answer before anything reads a form, a cookie or a page's name, redirects, or asks who is there."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(f"{settings.PATH_PREFIX}/hooks/"):
            return self.get_response(request)
        view, args, kwargs = resolve(request.path_info)
        answer: HttpResponseBase = view(request, *args, **kwargs)
        return answer


class CompressedPages(GZipMiddleware):
    """Compresses pages and parts of them; files and streams go as they are, with their length."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class ErrorPages:
    """Makes a page of an error that is answered with a line of text, or with none."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in PAGES and isinstance(response, HttpResponse) and _is_bare(response):
            page = error_page(request, response.status_code, response.text.strip())
            response.content = page.content
            response.headers["Content-Type"] = page.headers["Content-Type"]
            response.headers["Content-Length"] = str(len(page.content))
        return response


def _is_bare(response: HttpResponse) -> bool:
    return not response.content or response.get("Content-Type", "").startswith("text/plain")


class Utf8FormsOnly:
    """Refuses forms in another character set: decoded by it, they could hold what no database can store."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (request.content_params or {}).get("charset", "utf-8").lower() in {"utf-8", "utf8"}:
            return self.get_response(request)
        else:
            return HttpResponse("Forms are read as UTF-8 only.\n", status=400, content_type="text/plain")


class NoNulInAddresses:
    """Refuses NUL, which PostgreSQL cannot even look for; forms refuse it by themselves."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META["QUERY_STRING"]
        if "\0" in request.path_info or "\0" in query or "%00" in query:
            return HttpResponse(status=400)
        else:
            return self.get_response(request)


class RefusedForms:
    """Answers 422 where a view of a library shows a form again with what is wrong in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        form = (response.context_data or {}).get("form")
        if response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 422
        return response


class SignInRequired(LoginRequiredMiddleware):
    """Every page needs a signed-in person unless its view says otherwise."""

    def handle_no_permission(  # type: ignore[override]  # a redirect by htmx is no HttpResponseRedirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        return sign_in_first(request) if request.htmx else signed_out(request)  # type: ignore[attr-defined]
