"""Clients that do not behave: they say what the test wants said, and read only when it says so."""

import asyncio
import contextlib
import select
import socket
import struct
from collections.abc import Iterator
from typing import Self

import httpx
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side

from tests.faults.site import Person, Site

SMALL_BUFFER = 4096
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: sessionid={session}\r\n\r\n"
)
RESET = struct.pack("ii", 1, 0)


class Client:
    """A TCP connection to a site; use it as a context manager."""

    def __init__(self, site: Site) -> None:
        self.address = httpx.URL(site.url)
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.received = b""

    async def connect(self, *, small_buffer: bool = False) -> Self:
        """Connect; the system itself keeps little for a client with a small buffer."""
        if small_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        await asyncio.get_running_loop().sock_connect(self.socket, (self.address.host, self.address.port))
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    async def send(self, data: bytes) -> None:
        """Send, and wait until the system has taken it."""
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def say(self, opcode: Opcode, data: bytes) -> None:
        """Send a WebSocket frame."""
        await self.send(frame(opcode, data))

    def request(self, person: Person, path: str) -> bytes:
        """Return the request that opens a WebSocket."""
        host = f"{self.address.host}:{self.address.port}"
        return UPGRADE.format(path=path, host=host, session=person.session).encode()

    async def upgrade(self, person: Person, path: str) -> None:
        """Open a WebSocket, and read no more than the answer to that."""
        await self.send(self.request(person, path))
        while not self.received.endswith(b"\r\n\r\n"):
            self.received += await self._read(1)
        assert self.received.startswith(b"HTTP/1.1 101 "), self.received

    async def close_code(self) -> int:
        """Read on until the server closes, and return its code; without one it is 1006."""
        protocol = Protocol(Side.CLIENT, max_size=None)
        while not protocol.close_rcvd:
            try:
                protocol.receive_data(await self._read(1 << 16))
            except ConnectionError:
                return CloseCode.ABNORMAL_CLOSURE
            protocol.events_received()
        return protocol.close_rcvd.code

    async def end(self) -> None:
        """Read on until the connection ends."""
        try:
            while True:
                await self._read(1 << 16)
        except ConnectionError:
            return

    def is_gone(self) -> bool:
        """Return whether the server has given the connection up, without reading."""
        poll = select.poll()
        poll.register(self.socket, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
        return bool(poll.poll(0))

    def reset(self) -> None:
        """End it as a machine does that crashes and comes back."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.close()

    async def _read(self, size: int) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self.socket, size)
        if not data:
            raise ConnectionResetError("the server has ended the connection")
        return data


def frame(opcode: Opcode, data: bytes) -> bytes:
    """Return a WebSocket frame as a client sends it."""
    return Frame(opcode, data).serialize(mask=True)


@contextlib.contextmanager
def clients(site: Site, count: int) -> Iterator[list[Client]]:
    """Return so many clients, and close them in the end."""
    with contextlib.ExitStack() as opened:
        yield [opened.enter_context(Client(site)) for _ in range(count)]
