"""Large files on both web servers: who may not send them is told at once, and memory does not grow with them."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.live.person import Person
from tests.live.stack import Stack

pytestmark = pytest.mark.live

MEGABYTE = 2**20
SIZE = 100 * MEGABYTE
MOST_MORE = 10 * MEGABYTE


def servers(stack: Stack) -> list[Path]:
    """Return what the system says of each web server."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_server = b"project.serve" in (process / "cmdline").read_bytes()
            if is_server and f"STATE_DIR={stack.state_dir}".encode() in (process / "environ").read_bytes():
                found.append(process)
    assert found
    return found


def memory(server: Path, which: str) -> int:
    """Return the memory of a process in bytes: what it has now (`VmRSS`), or had at most (`VmHWM`)."""
    return int(re.findall(rf"{which}:\s+(\d+) kB", (server / "status").read_text())[0]) * 1024


class Pieces:
    """A file of random bytes, in a form, that is never in memory as a whole."""

    def __init__(self, size: int, token: str) -> None:
        edge = b"edge"
        field = b'--%b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n%b\r\n'
        file = b'--%b\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
        self.head = field % (edge, token.encode()) + file % edge
        self.tail = b"\r\n--edge--\r\n"
        self.size = size
        self.length = len(self.head) + size + len(self.tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        for _ in range(self.size // MEGABYTE):
            yield os.urandom(MEGABYTE)
        yield self.tail


def send(person: Person, chat: int, size: int) -> httpx.Response:
    """Send a large file."""
    token = next(value for name, value in person.client.cookies.items() if name.endswith("csrftoken"))
    form = Pieces(size, token)
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Content-Length": str(form.length)}
    return person.client.post(f"/chats/{chat}/files/", content=iter(form), headers=headers)


def begin(stack: Stack, person: Person, request: str) -> socket.socket:
    """Send the head of a request; `request` is its first line, and what only it has."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies.jar)
    connection = socket.create_connection(("127.0.0.1", urlsplit(stack.url).port or 80), timeout=20)
    line, _, rest = request.partition("\n")
    connection.sendall(f"{line} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n{rest}\r\n".encode())
    return connection


def test_a_large_file_is_taken_and_given_in_little_memory(stack: Stack) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")
    assert send(alice, chat, 5 * MEGABYTE).status_code == 200  # What is loaded once is loaded.
    before = {}
    for server in servers(stack):
        (server / "clear_refs").write_text("5")  # From now on the most counts anew.
        before[server] = memory(server, "VmRSS")
    answer = send(alice, chat, SIZE)
    assert answer.status_code == 200
    address = re.findall(r'data-address="([^"]+)"', answer.text)[0]
    with begin(stack, alice, f"GET {address}content/") as slow:
        assert slow.recv(100)
        # While this one reads nothing, another reads all.
        with alice.client.stream("GET", f"{address}content/") as response:
            assert sum(map(len, response.iter_bytes())) == SIZE
        assert max(memory(server, "VmHWM") - most for server, most in before.items()) < MOST_MORE


def test_who_may_not_write_there_is_told_before_anything_is_read(stack: Stack) -> None:
    carol, launch = Person(stack, "carol"), Person(stack, "alice").chat("Launch")
    for what in ("files", "messages"):
        with begin(stack, carol, f"POST /chats/{launch}/{what}/\nContent-Length: {SIZE}\r\n") as connection:
            assert b" 413 " in connection.recv(1000)


def test_more_than_a_file_may_have_is_told_before_anything_is_read(stack: Stack) -> None:
    alice = Person(stack, "alice")
    address = f"/chats/{alice.chat('General')}/files/"
    with begin(stack, alice, f"POST {address}\nContent-Length: {2 * SIZE}\r\n") as connection:
        assert b" 413 " in connection.recv(1000)
