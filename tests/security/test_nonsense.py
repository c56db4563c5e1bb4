"""S16, L15: what makes no sense costs the operator a line in the log at most, on both web servers."""

from contextlib import ExitStack

import pytest

from tests.live.stack import Stack
from tests.security.wire import HANDSHAKE, Wire, head, statuses

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("a site under attack")]
SOCKET = head(b"GET /ws/live/user/1/", *HANDSHAKE.splitlines())
LAST = head(b"GET /", b"Connection: close")
CHUNKED = b"Transfer-Encoding: chunked"


def post(*headers: bytes) -> bytes:
    return head(b"POST /", *headers)


def frame(opcode: int, payload: bytes, mask: bool = True) -> bytes:
    return bytes([0x80 | opcode, (0x80 if mask else 0) | len(payload)]) + (bytes(4) if mask else b"") + payload


def test_nonsense_on_a_socket_is_a_line_in_the_log_at_most(stack: Stack) -> None:
    already = len(stack.log)
    nonsense = [
        frame(1, b"\xff\xfe"),
        frame(8, b"\x03\xe8\xff"),
        frame(8, b"\x00"),
        frame(3, b""),
        frame(1, b"x", mask=False),
        b"\xff" * 10,
        frame(0, b"x"),
    ]
    with ExitStack() as opened:
        wires = [opened.enter_context(Wire(stack)).say(SOCKET) for _ in nonsense]
        assert [wire.answer()[0] for wire in wires] == [101] * len(wires)
        for wire, said in zip(wires, nonsense, strict=True):
            wire.say(said)
        for wire in wires:
            wire.heard()
    assert written(stack, already) <= len(nonsense)


def test_nonsense_for_a_request_is_a_line_in_the_log_at_most(stack: Stack) -> None:
    already = len(stack.log)
    nonsense = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        LAST.replace(b"/ ", b"/?\xff "),
        LAST.replace(b"/1.1", b"/9.\xff"),
        LAST.replace(b"GET", b"G\xffT"),
        LAST.replace(b"Host", b"X\xff: y\r\nHost"),
        LAST.replace(b"Host", b"X: \x00\r\nHost"),
        LAST.replace(b"Host", b"Daphne-Root-Path: \xff\r\nHost"),
        LAST.replace(b"Host", b"Upgrade: h2c\r\nHost"),
        LAST.replace(b"GET /", b"CONNECT localhost:80"),
        LAST.replace(b"GET /", b"OPTIONS *"),
        LAST.replace(b"GET /", b"GET http://[::1"),
        LAST.replace(b"GET /", b"GET //"),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        post(b"Content-Length: x"),
        post(b"Content-Length: 1" + b"1" * 5000),
        post(CHUNKED) + b"x\r\n",
        head(b"GET /ws/live/user/1/", *HANDSHAKE.splitlines()[:2]),
        head(b"GET /ws/live/user/1/", *HANDSHAKE.splitlines()[:2], b"Sec-WebSocket-Version: 12"),
        SOCKET.replace(b"GET", b"POST"),
        SOCKET.replace(b"Host", b"Sec-WebSocket-Protocol: \xff\r\nHost"),
        SOCKET.replace(b"Host", b"Daphne-Root-Path: \xff\r\nHost"),
        SOCKET.replace(b"Host", b"Daphne-Root-Path: /elsewhere\r\nHost"),
    ]
    answered = statuses(stack, nonsense)
    assert {said: codes for said, codes in answered.items() if any(code[0] == ord("5") for code in codes)} == {}
    assert written(stack, already) <= len(nonsense)


def written(stack: Stack, already: int) -> int:
    """Return how many lines the log has grown by, none of which is of a traceback."""
    added = stack.log[already:]
    assert "Traceback" not in added
    return added.count("\n")
