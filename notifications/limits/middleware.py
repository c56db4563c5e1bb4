"""The answer to what was done too often."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from notifications.limits.windows import Limited, refusal


class LimitsMiddleware:
    """Answers 429, or what else the refusal says, with `Retry-After`: with the page of the view or a line of text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = refusal.set(None)
        try:
            response = self.get_response(request)
            if error := refusal.get():
                response.status_code = error.status
                response["Retry-After"] = str(error.seconds)
            return response
        finally:
            refusal.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer where no form has shown the error."""
        return HttpResponse(f"{error.message}\n", content_type="text/plain") if isinstance(error, Limited) else None
