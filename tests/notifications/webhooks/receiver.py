"""A program that webhooks are sent to: it keeps all that comes, and answers as the path asks."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook as Verifier


class Request(NamedTuple):
    """What came, and when, by `time.monotonic()`."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def verified(self, secret: str) -> Any:
        """Return what was sent, as Standard Webhooks' own library verifies it."""
        return Verifier(secret).verify(self.body, self.headers)

    @property
    def key(self) -> str:
        return self.headers["webhook-id"]


class Receiver(ThreadingHTTPServer):
    """Listens on loopback; `answers` has what is done at a path, which is 204 where there is nothing.

    `ended` lets all go that hang.
    """

    daemon_threads = True
    request_queue_size = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Request] = []
        self.answers: dict[str, Callable[[Handler], None]] = {"/hang": hang, "/drip": drip, "/huge": huge}
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def at(self, path: str) -> list[Request]:
        """Return what has come to a path."""
        return [request for request in list(self.received) if request.path == path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who has hung up: some tests are about that."""


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Request(self.path, headers, body, time.monotonic()))
        self.server.answers.get(self.path, status(204))(self)

    do_GET = do_POST

    def answer(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[Handler], None]:
    """Return what answers with a status."""
    return lambda handler: handler.answer(code, body, **headers)


def hang(handler: Handler) -> None:
    handler.server.ended.wait(60)


def drip(handler: Handler) -> None:
    """Send a byte of the answer's head now and then: no single wait is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not handler.server.ended.wait(0.1):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def huge(handler: Handler) -> None:
    """Send an answer that does not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while not handler.server.ended.is_set():
        handler.wfile.write(b"x" * 65536)


@contextmanager
def running() -> Iterator[Receiver]:
    """Run a receiver on a thread."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        receiver.shutdown()
        receiver.server_close()
        thread.join()
