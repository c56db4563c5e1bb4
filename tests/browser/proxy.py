"""A TCP proxy between a browser and the site, on which a test makes the network fail."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Passes everything on until told otherwise, which holds for new connections; `cut` ends the open ones."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.is_down = False  # refuses every connection
        self.blocks_websockets = False  # refuses only those
        self.blocks_events = False  # ends a connection on which the page asks for events
        self.swallows_answers = False  # loses what the site sends, on open connections too
        self.websockets_may_pass = threading.Event()  # cleared, it holds new ones back until it is set again
        self.websockets_may_pass.set()
        self.pauses_at = b""  # holds back what the site sends from here on, until the rest may pass
        self.rest_may_pass = threading.Event()
        self.ends: set[socket.socket] = set()
        self.muted: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every open connection."""
        for end in tuple(self.ends):
            _end(end)

    def mute(self) -> None:
        """Lose for ever what comes on the connections that are open now: they look alive and say nothing."""
        self.muted |= self.ends

    def close(self) -> None:
        """End everything."""
        self.is_down = True
        self.websockets_may_pass.set()
        self.rest_may_pass.set()
        _end(self.listener)
        self.cut()

    def _accept(self) -> None:
        with self.listener, suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self.listener.accept()[:1], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as site:
            self.ends |= {client, site}
            head = client.recv(65536)
            is_websocket = b"\r\nupgrade: websocket" in head.lower()
            if is_websocket:
                self.websockets_may_pass.wait()
            is_refused = self._is_for_events(head) or (is_websocket and self.blocks_websockets)
            if not self.is_down and not is_refused:
                site.sendall(head)
                back = threading.Thread(target=self._pass_on, args=(site, client), daemon=True)
                back.start()
                self._pass_on(client, site)
                back.join()
            self.ends -= {client, site}

    def _is_for_events(self, request: bytes) -> bool:
        return self.blocks_events and request.startswith(b"GET /sse/")

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                is_answer = target.getpeername()[1] != self.port
                if not is_answer and self._is_for_events(data):
                    break
                if not (is_answer and (self.swallows_answers or target in self.muted)):
                    if is_answer and self.pauses_at and self.pauses_at in data:
                        before, _, after = data.partition(self.pauses_at)
                        target.sendall(before)
                        self.rest_may_pass.wait()
                        data = self.pauses_at + after
                    target.sendall(data)
        _end(source)
        _end(target)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
