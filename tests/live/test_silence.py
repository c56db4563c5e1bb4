"""Connections on which nobody says what they want are not kept."""

import socket

import httpx
import pytest

from tests.live.stack import Stack

LIMIT = 30.0
ANSWERED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "answers"),
    [(b"", 0), (b"GET /ws/notifications/ HT", 0), (ANSWERED[:-2], 0), (ANSWERED + b"GET ", 1)],
    ids=["nothing", "half a line", "half a head", "half a second request"],
)
def test_a_client_that_does_not_finish_its_request_is_cut_off(stack: Stack, said: bytes, answers: int) -> None:
    with socket.create_connection(("127.0.0.1", httpx.URL(stack.url).port), timeout=LIMIT) as client:
        client.sendall(said)
        received = b""
        try:
            while data := client.recv(65536):
                received += data
        except ConnectionResetError:
            pass
    assert received.count(b"200 OK") == answers
