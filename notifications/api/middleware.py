"""What all answers below /api/ have, also where no operation was asked: errors of one form, limits, and ETags."""

from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from notifications.api.errors import CONTENT_TYPE, answer
from notifications.limits.windows import counted


class ApiMiddleware:
    """Makes a problem of every error, says how much of the narrowest limit is left, and answers 304 where it may."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.prefix = f"{getattr(settings, 'PATH_PREFIX', '')}/api/"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.prefix):
            return self.get_response(request)
        token = counted.set([])
        try:
            response = self._as_problem(self.get_response(request))
            if response.status_code == 204:
                del response["Content-Type"]  # of nothing
            if quotas := counted.get():
                narrowest = min(quotas, key=lambda quota: quota.left / quota.times)
                response["RateLimit-Limit"] = str(narrowest.times)
                response["RateLimit-Remaining"] = str(narrowest.left)
                response["RateLimit-Reset"] = str(narrowest.seconds)
        finally:
            counted.reset(token)
        return _if_changed(request, response)

    def _as_problem(self, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code < 400 or response.get("Content-Type") == CONTENT_TYPE:
            return response
        kept = {name: response[name] for name in ("Allow", "Content-Range", "Retry-After") if name in response}
        return answer(response.status_code, headers=kept)


def _if_changed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_json = response.get("Content-Type", "").startswith("application/json")
    if request.method != "GET" or response.status_code != 200 or not (is_json and isinstance(response, HttpResponse)):
        return response
    etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
