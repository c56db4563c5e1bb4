"""HTTP requests on threads: one change of thread for a request, and a bound for how many run at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from channels.db import database_sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from project.serve.inbound import BODY_BYTES

THREADS = 32
"""Requests of one process that run at once; the others wait for a thread, which costs less than a thread for each."""
LONGEST_NUMBER = 20
"""So many digits has no size of anything."""
REFUSED_SECONDS = 3.0
"""How late a wrong password is answered, and what is refused for some time: who tries on tries less often so."""

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
# A large body is there as a whole by now, and to take it apart is work without a pause: were it done on as many threads
# as there are, whatever else is asked would wait for each of them in turn. Nobody who sends slowly holds one of these.
_large = ThreadPoolExecutor(2, thread_name_prefix="large")
# Whoever asks how the site is must not wait behind those who are the trouble, nor behind a database that hangs.
_own_threads = {path: ThreadPoolExecutor(1, thread_name_prefix=path) for path in ("/healthz", "/readyz", "/metrics")}


def _threads_for(request: HttpRequest) -> ThreadPoolExecutor:
    length = request.META.get("CONTENT_LENGTH", "")
    if length.isascii() and length.isdigit() and len(length) < LONGEST_NUMBER and int(length) > BODY_BYTES:
        return _large
    return _own_threads.get(request.path_info.removeprefix(settings.PATH_PREFIX), _threads)


def on_a_thread(do: Callable[[], object]) -> None:
    """Do something where requests are answered, as one of them is, and wait for it."""
    _threads.submit(do).result()


class SynchronousHandler(ASGIHandler):
    """Django's ASGI handler for a site whose middleware and views are all synchronous.

    Django's own changes to the event loop and back for the sake of asynchronous views, and takes a new thread, with new
    database connections, for each request.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Load the middleware for calls from a thread."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        answer = database_sync_to_async(self.get_response, thread_sensitive=False, executor=_threads_for(request))
        response = await answer(request)
        # Here and not in a view: it holds no thread.
        if response.has_header("Retry-After") or getattr(request, "has_failed_to_sign_in", False):
            await asyncio.sleep(REFUSED_SECONDS)
        return response
