"""A network that can be cut: `python -m tests.faults.proxy PORT` passes TCP on to that port of this machine.

It prints the port on which it listens itself. SIGUSR1 ends every open connection; new ones are taken at once.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


class End(asyncio.Protocol):
    """One end of a connection: what comes here leaves at the other."""

    def __init__(self, open_ends: set["End"], other: "End | None" = None) -> None:
        self.open_ends = open_ends
        self.other = other
        self.waiting = bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the connection, and send what has been waiting for it."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.open_ends.add(self)
        transport.write(bytes(self.waiting))

    def data_received(self, data: bytes) -> None:
        """Pass data on."""
        assert self.other
        if self.other.transport:
            self.other.transport.write(data)
        else:
            self.other.waiting += data

    def connection_lost(self, error: Exception | None) -> None:
        """End the other end too."""
        self.open_ends.discard(self)
        if self.other and self.other.transport:
            self.other.transport.close()


class Front(End):
    """The end at the client: it opens the one at the site."""

    def __init__(self, open_ends: set[End], port: int) -> None:
        super().__init__(open_ends)
        self.port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the site."""
        super().connection_made(transport)
        self.other = End(self.open_ends, self)
        self.connecting = asyncio.ensure_future(self._connect(self.other))

    async def _connect(self, back: End) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: back, "127.0.0.1", self.port)
        except OSError:
            assert self.transport
            self.transport.abort()


async def main(port: int) -> None:
    """Listen until the process is killed."""
    open_ends: set[End] = set()

    def cut() -> None:
        for end in open_ends.copy():
            assert end.transport
            end.transport.abort()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, cut)
    server = await loop.create_server(lambda: Front(open_ends, port), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Proxy:
    """The proxy as a process of its own; `cut()` ends all its connections."""

    def __init__(self, code: Path, port: int) -> None:
        command = [sys.executable, "-m", "tests.faults.proxy", str(port)]
        self.process = subprocess.Popen(command, cwd=code, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def cut(self) -> None:
        """End every connection."""
        self.process.send_signal(signal.SIGUSR1)

    def close(self) -> None:
        """End the proxy."""
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def proxy(code: Path, port: int) -> Iterator[Proxy]:
    """Run a proxy to this port."""
    opened = Proxy(code, port)
    try:
        yield opened
    finally:
        opened.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
