"""Connections on which nobody says what they want are not kept."""

import contextlib
import socket

import httpx

from tests.live.stack import Stack

LIMIT = 30.0
ANSWERED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
SAID = {
    "nothing": b"",
    "half a line": b"GET /ws/live/user/1/ HT",
    "half a head": ANSWERED[:-2],
    "half a second request": ANSWERED + b"GET ",
}


def test_clients_that_do_not_finish_their_request_are_cut_off(stack: Stack) -> None:
    address = ("127.0.0.1", httpx.URL(stack.url).port)
    with contextlib.ExitStack() as opened:
        clients = {what: opened.enter_context(socket.create_connection(address, timeout=LIMIT)) for what in SAID}
        for what, client in clients.items():
            client.sendall(SAID[what])
        answers = {what: received(client).count(b"200 OK") for what, client in clients.items()}
    assert answers == {"nothing": 0, "half a line": 0, "half a head": 0, "half a second request": 1}


def received(client: socket.socket) -> bytes:
    """Return everything that the server sends before it ends the connection; fail when it does not end it."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while more := client.recv(65536):
            data += more
    return data
