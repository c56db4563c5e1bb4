"""Somebody who uses a running Bellwire: by pages, forms and sockets, as a browser does."""

import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from bs4 import BeautifulSoup
from websockets.sync.client import ClientConnection

from tests.live.stack import Site


class Person:
    """A demo person, signed in."""

    def __init__(self, stack: Site, name: str, password: str = "bellwire-demo") -> None:
        self.stack = stack
        self.client = stack.client()
        weakref.finalize(self, self.client.close)
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", {"username": name, "password": password})
        assert answer.status_code == 302, f"{name} could not sign in: {answer.status_code} {answer.text}"

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Fetch a page; redirects are not followed."""
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form with its CSRF token; redirects are not followed."""
        token = next(value for name, value in self.client.cookies.items() if name.endswith("csrftoken"))
        return self.client.post(path, data={"csrfmiddlewaretoken": token, **(data or {})}, **options)

    @property
    def own_stream(self) -> str:
        """The address of a socket that follows nothing but what every page of this person does."""
        (stream,) = (stream for stream in self._follows("/")[1] if stream.startswith("user."))
        return f"/ws/live/{stream.replace('.', '/')}/"

    def chat(self, name: str) -> int:
        """Return the primary key of the chat that this person's list shows by that name."""
        links = BeautifulSoup(self.get("/").text, "html.parser").select("a[data-chat]")
        return next(int(str(link["data-chat"])) for link in links if name in link.get_text())

    @contextmanager
    def socket(self, path: str) -> Iterator["Socket"]:
        """Open a WebSocket as this person, for as long as the `with` block lasts."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        with self.stack.connect(path, Cookie=cookies) as connection:
            yield Socket(connection)

    @contextmanager
    def page(self, path: str) -> Iterator["Socket"]:
        """Open a page, and its socket from the places on that it shows."""
        with self.socket(self.socket_of(path)) as socket:
            yield socket

    def socket_of(self, path: str) -> str:
        """Return the address of a page's socket, from the places on that it shows."""
        address, places = self._follows(path)
        return f"{address}?{urlencode(places)}"

    def _follows(self, path: str) -> tuple[str, dict[str, str]]:
        """Return the address of a page's socket, and the page's place in each stream that it follows."""
        html = BeautifulSoup(self.get(path).raise_for_status().text, "html.parser")
        cursors = {str(cursor["data-stream"]): str(cursor["data-seq"]) for cursor in html.select("[id^=cursor-]")}
        followers = html.select("[data-socket]")
        (address,) = {str(each["data-socket"]) for each in followers}
        places = {str(each["data-stream"]): cursors[str(each["data-stream"])] for each in followers}
        return address.removeprefix(urlsplit(self.stack.url).path.rstrip("/")), places


class Socket:
    """An open WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def frames_until(self, text: str, timeout: float = 5) -> list[str]:
        """Return the frames that come, up to the first with `text` in it; fail when none comes within the time."""
        frames: list[str] = []
        limit = time.monotonic() + timeout
        while not frames or text not in frames[-1]:
            try:
                frames.append(str(self.connection.recv(timeout=max(0, limit - time.monotonic()))))
            except TimeoutError:
                raise AssertionError(f"no frame with {text!r} within {timeout} s, but {frames}") from None
        return frames
