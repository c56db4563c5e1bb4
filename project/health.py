"""For load balancers, supervisors and Prometheus: alive means running, ready means able to serve."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from notifications.relay import drain

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answers `/healthz`, `/readyz` and `/metrics` before anything else looks at the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = ANSWERS.get(request.path_info.removeprefix(settings.PATH_PREFIX), self.get_response)
        return answer(request)


def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as this process serves requests at all."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database and Redis answer, else 503 with what is in the way; so too when this process ends."""
    if drain.begun.is_set():
        return HttpResponse("not ready: ending\n", status=503, content_type="text/plain")
    failed = [name for name, answers in (("database", _database_answers), ("redis", _redis_answers)) if not answers()]
    if failed:
        return HttpResponse(f"not ready: {', '.join(failed)}\n", status=503, content_type="text/plain")
    else:
        return HttpResponse("ready\n", content_type="text/plain")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer this process's counters to whoever has the METRICS_TOKEN; without one there is nothing here."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


ANSWERS = {"/healthz": alive, "/readyz": ready, "/metrics": metrics}


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not answer")
        return False
    return True


def _redis_answers() -> bool:
    try:
        for url in settings.LAYER_URLS:
            with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
                client.ping()
    except (redis.RedisError, OSError) as error:
        logger.warning("Redis does not answer: %s", error)
        return False
    return True
