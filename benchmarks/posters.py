"""People who write: each with a connection of their own that is kept open, and forms as their page sends them."""

import http.client
import itertools
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.inside import POST_MARK, TEXT
from benchmarks.load import DIGITS

IDLE_SECONDS = 3.0
"""Web servers close connections that are idle for some seconds; one that was idle for so long is made anew."""


class Sent(NamedTuple):
    """A form: when it was due, how long after that its answer came (both in ns), and whether it was a good one."""

    stamp: int
    took: int
    accepted: bool


class Poster:
    """One signed-in person with the chat's page open."""

    def __init__(self, port: int, chat_pk: int, session: str) -> None:
        self.path = f"/chats/{chat_pk}/"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("GET", self.path, headers={"Cookie": f"sessionid={session}"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the chat's page was answered with {answer.status}")
        self.token = SimpleCookie(answer.headers["Set-Cookie"])["csrftoken"].value
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={self.token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{port}",
            "HX-Request": "true",
        }
        self.used = time.monotonic()

    def post(self, stamp: int) -> Sent:
        """Send a message that says when it was due."""
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.connection.close()
        body = f"{TEXT} {POST_MARK}{stamp:0{DIGITS}}"
        form = {"csrfmiddlewaretoken": self.token, "client_id": str(uuid.uuid4()), "body": body}
        self.connection.request("POST", f"{self.path}messages/", urlencode(form), self.headers)
        answer = self.connection.getresponse()
        answer.read()
        self.used = time.monotonic()
        return Sent(stamp, time.monotonic_ns() - stamp, answer.status == 200)


class Program:
    """A program that posts over the HTTP API by one person's token."""

    def __init__(self, port: int, chat_pk: int, token: str) -> None:
        self.path = f"/api/v1/chats/{chat_pk}/messages"
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, stamp: int) -> Sent:
        """Send a message that says when it was due."""
        message = {"text": f"{TEXT} {POST_MARK}{stamp:0{DIGITS}}", "client_id": str(uuid.uuid4())}
        self.connection.request("POST", self.path, json.dumps(message), self.headers)
        answer = self.connection.getresponse()
        answer.read()
        return Sent(stamp, time.monotonic_ns() - stamp, answer.status == 201)


def at_rate(posters: list[Poster], rate: int, seconds: float) -> list[Sent]:
    """Post so many messages a second in turn; one that has to wait for its author's last one is late, and counts so."""
    began = time.monotonic_ns()
    due = [began + int(number / rate * 1e9) for number in range(int(rate * seconds))]
    return _all_at_once(posters, [_as_due(due[number :: len(posters)]) for number in range(len(posters))])


def as_fast_as_it_goes(posters: Sequence[Poster | Program], seconds: float) -> list[Sent]:
    """Post for some seconds, each person the next message as soon as the last one is answered."""
    end = time.monotonic_ns() + int(seconds * 1e9)
    times = [itertools.takewhile(lambda now: now < end, iter(time.monotonic_ns, None)) for _ in posters]
    return _all_at_once(posters, times)


def _as_due(stamps: Iterable[int]) -> Iterator[int]:
    for stamp in stamps:
        time.sleep(max(0, stamp - time.monotonic_ns()) / 1e9)
        yield stamp


def _all_at_once(posters: Sequence[Poster | Program], times: Sequence[Iterator[int]]) -> list[Sent]:
    def write(poster: Poster | Program, stamps: Iterator[int]) -> list[Sent]:
        return [poster.post(stamp) for stamp in stamps]

    with ThreadPoolExecutor(len(posters)) as threads:
        return list(itertools.chain.from_iterable(threads.map(write, posters, times)))
