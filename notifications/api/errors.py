"""What goes wrong, as `application/problem+json` (RFC 9457): the same form for all errors of the API."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Unfit

from notifications.limits.windows import Limited

CONTENT_TYPE = "application/problem+json"
DETAILS = {
    400: "The request cannot be read.",
    401: "Send a token that is good: Authorization: Bearer bw_…",
    403: "That is not yours to do.",
    404: "There is nothing at this address, or it is not yours to see.",
    405: "That cannot be done at this address.",
    408: "The request took too long to arrive.",
    413: "That is more than is taken at once.",
    429: "That was too often.",
    500: "Something went wrong here. It has been noted.",
    503: "The site cannot answer now. Try again in a moment.",
}
"""What is said where nobody says more."""


class Problem(Exception):
    """Why a request is refused, in words for whoever wrote the program; `headers` go with the answer."""

    def __init__(self, status: int, detail: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def answer(
    status: int, detail: str = "", errors: Iterable[dict[str, Any]] = (), headers: dict[str, str] | None = None
) -> JsonResponse:
    """Return a problem as it is answered; `errors` say of each field that is not right its place, and why."""
    said: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    said["detail"] = detail or DETAILS.get(status, HTTPStatus(status).description)
    if errors := list(errors):
        said["errors"] = errors
    return JsonResponse(said, status=status, headers=headers, content_type=CONTENT_TYPE)


def handle(api: NinjaAPI) -> None:
    """Have an API answer what its operations raise; what is left, ends as the site's 500 (see middleware.py)."""
    handlers: dict[type[Exception], Any] = {
        Problem: lambda _, error: answer(error.status, error.detail, headers=error.headers),
        AuthenticationError: lambda _, __: answer(401, headers={"WWW-Authenticate": "Bearer"}),
        HttpError: lambda _, error: answer(error.status_code),
        Unfit: _unfit,
        ValidationError: _refused,
        Http404: lambda _, __: answer(404),
        ObjectDoesNotExist: lambda _, __: answer(404),
        PermissionDenied: lambda _, error: answer(403, str(error)),
        Exception: _raise,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _unfit(request: HttpRequest, error: Unfit) -> HttpResponse:
    errors = [{"at": list(map(str, each["loc"])), "message": each["msg"]} for each in error.errors]
    first = errors[0]
    return answer(422, f"{'.'.join(first['at'])}: {first['message']}", errors)


def _refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if isinstance(error, Limited):
        return answer(429, error.messages[0], headers={"Retry-After": str(error.seconds)})
    fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [{"at": [name] if name else [], "message": text} for name, texts in fields.items() for text in texts]
    return answer(getattr(error, "status", 422), " ".join(error.messages), errors)


def _raise(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error
