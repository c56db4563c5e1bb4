"""What reaches the site as no browser would send it is answered as all else, on each of the web servers."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.live.person import Person
from tests.live.stack import Stack

pytestmark = pytest.mark.live

HEADERS = (
    "content-security-policy",
    "permissions-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
)


def answer(stack: Stack, target: bytes, host: bytes = b"localhost", method: bytes = b"GET") -> str:
    """Return all of an answer to a request that is written byte for byte."""
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=20) as connection:
        connection.sendall(method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"/nowhere/%ff/", b"localhost", 404),
        (b"/?a=%00", b"localhost", 400),
        (b"/%00/", b"localhost", 400),
        (b"/", b"evil.example", 400),
        (b"/static/messaging/bell.svg", b"localhost", 200),
        (b"/healthz", b"10.0.0.7", 200),
    ],
)
def test_every_answer_is_guarded(stack: Stack, target: bytes, host: bytes, status: int) -> None:
    already = len(stack.log)
    said = answer(stack, target, host)
    head = said.partition("\r\n\r\n")[0].lower()
    assert head.startswith(f"http/1.1 {status} ")
    assert [name for name in HEADERS if f"\r\n{name}: " not in head] == []
    assert "Traceback" not in stack.log[already:]


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize("host", [b"", b"Host: 10.0.0.7:8080\r\n", b"Host: [fd00::7]\r\n"])
def test_a_load_balancer_may_ask_as_it_likes(stack: Stack, method: bytes, version: bytes, host: bytes) -> None:
    if version == b"1.1":
        host = host or b"Host: \r\n"  # it must be there
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=20) as connection:
        connection.sendall(method + b" /healthz HTTP/" + version + b"\r\n" + host + b"Connection: close\r\n\r\n")
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.split()[1] == b"200"
    assert body == (b"ok\n" if method == b"GET" else b"")


def test_coming_and_going_is_in_the_log_and_the_browser_forgets(stack: Stack) -> None:
    already = len(stack.log)
    bob = Person(stack, "bob")
    gone = bob.post("/accounts/logout/")
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'
    said = stack.log[already:].splitlines()
    lines = [line for line in said if "bellwire.security: signed" in line and "'bob'" in line]
    assert [line.partition("security: ")[2][:11].strip(" :1234567890") for line in lines] == ["signed in", "signed out"]
