"""Where requests are answered: what is large keeps nobody else from a thread."""

import asyncio
import threading
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from project.serve.inbound import BODY_BYTES
from project.threads import SynchronousHandler


def answer(path: str, count: int, length: str) -> tuple[set[str], int]:
    """Ask for something so often at once; return the kinds of threads that answered, and how many at a time."""
    handler: Any = SynchronousHandler()
    kinds: set[str] = set()
    running, most, lock = 0, 0, threading.Lock()
    pause = threading.Event()

    def get_response(request: HttpRequest) -> HttpResponse:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            kinds.add(threading.current_thread().name.partition("_")[0])
            if running == count:
                pause.set()
        pause.wait(0.2)
        with lock:
            running -= 1
        return HttpResponse()

    async def ask() -> None:
        request = AsyncRequestFactory().post(path)
        request.META["CONTENT_LENGTH"] = length
        await handler.get_response_async(request)

    async def ask_all() -> None:
        await asyncio.gather(*(ask() for _ in range(count)))

    handler.get_response = get_response
    asyncio.run(ask_all())
    return kinds, most


def test_large_bodies_are_taken_apart_two_at_a_time_and_on_threads_of_their_own() -> None:
    assert answer("/chats/1/files/", 6, str(BODY_BYTES + 1)) == ({"large"}, 2)


@pytest.mark.parametrize("length", ["", "0", "12", str(BODY_BYTES), "12, 12", "x", "\u00b2", "9" * 5000])
def test_all_else_goes_on_beside_them(length: str) -> None:
    assert answer("/chats/1/messages/", 6, length) == ({"request"}, 6)
