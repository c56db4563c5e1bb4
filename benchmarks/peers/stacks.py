"""Bellwire's peers, each a real process on loopback, and the list of all that `bin/bench fanout` measures."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from benchmarks.stacks import BELLWIRES, Stack, free_port

PEERS = Path(__file__).parent
NODE_MODULES = Path.home() / ".cache" / "bellwire-bench"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
"""Where Debian's package puts it."""
NGINX = """
daemon off;
load_module {module};
pid {directory}/nginx.pid;
error_log stderr;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    client_body_temp_path {directory}/nginx-bodies;
    keepalive_requests 10000000;
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location = / {{ nchan_subscriber websocket; nchan_channel_id bench; nchan_subscriber_first_message newest; }}
        location = /publish {{ nchan_publisher http; nchan_channel_id bench; nchan_store_messages off; }}
    }}
}}
"""


class Tutorial(Stack):
    """The consumer of the Channels tutorial's second part, synchronous, on RedisChannelLayer."""

    name = "tutorial-daphne"
    peer = "tutorial"
    layer_class: Any = RedisChannelLayer

    def command(self) -> list[str]:
        """Return Daphne's command line."""
        return [sys.executable, "-m", "daphne", "-p", str(self.port), "benchmarks.peers.tutorial:application"]

    def environment(self) -> dict[str, str]:
        """Say which of the two consumers is meant."""
        return {"PEER": self.peer, "BENCH_REDIS_URL": self.people.redis_url}

    async def open(self) -> None:
        """Get ready to publish through the layer that the consumers use."""
        self.layer = self.layer_class(hosts=[{"address": self.people.redis_url}])

    async def publish(self, html: str) -> None:
        """Send one event to the tutorial's group."""
        await self.layer.group_send("bench", {"type": "chat.message", "html": html})


class Asynchronous(Tutorial):
    """The consumer of the tutorial's third part, asynchronous, on the Pub/Sub layer."""

    name = "async-daphne"
    peer = "async"
    layer_class = RedisPubSubChannelLayer


class NodeWs(Stack):
    """Node with the ws package and one Redis subscription."""

    name = "node-ws"
    script = "node-ws.js"

    def missing(self) -> str:
        """Return what is missing: Node, npm, or the packages, which are installed on first use."""
        if not (shutil.which("node") and shutil.which("npm")):
            return "node and npm are not installed"
        wanted, installed = PEERS / "package.json", NODE_MODULES / "installed.json"
        if not (installed.exists() and installed.read_bytes() == wanted.read_bytes()):
            NODE_MODULES.mkdir(parents=True, exist_ok=True)
            shutil.copy(wanted, NODE_MODULES)
            if subprocess.run(["npm", "install", "--silent"], cwd=NODE_MODULES, check=False).returncode:
                return "npm could not install the packages"
            shutil.copy(wanted, installed)
        return ""

    def command(self) -> list[str]:
        """Return node's command line."""
        return ["node", str(PEERS / self.script), str(self.port), self.people.redis_socket]

    def environment(self) -> dict[str, str]:
        """Let node find the packages."""
        return {"NODE_PATH": str(NODE_MODULES / "node_modules")}


class SocketIo(NodeWs):
    """Socket.IO with its Redis adapter."""

    name = "socket.io"
    script = "socket.io.js"
    hello = ("40",)

    def targets(self, count: int) -> list[tuple[str, str]]:
        """Return the address of its WebSocket transport."""
        return [(f"ws://127.0.0.1:{self.port}/socket.io/?EIO=4&transport=websocket", "")] * count


class Bun(NodeWs):
    """Bun's own server, publish and subscribe, and Redis client."""

    name = "bun"
    program = NODE_MODULES / "node_modules" / ".bin" / "bun"

    def missing(self) -> str:
        """Return whether the package has brought a program that runs here."""
        if lack := super().missing():
            return lack
        try:
            subprocess.run([self.program, "--version"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"the program of the npm package does not run ({error})"
        return ""

    def command(self) -> list[str]:
        """Return bun's command line."""
        return [str(self.program), str(PEERS / "bun.js"), str(self.port), self.people.redis_socket]


class Nats(Stack):
    """nats-server's own WebSocket."""

    name = "nats"
    hello = ('CONNECT {"verbose":false,"pedantic":false}\r\n', "SUB bench 1\r\n")

    def missing(self) -> str:
        """Return whether nats-server is there."""
        return "" if shutil.which("nats-server") else "nats-server is not installed"

    def command(self) -> list[str]:
        """Return the command line with a configuration of the benchmark's own."""
        self.client_port = free_port()
        settings = self.log.with_suffix(".conf")
        websocket = json.dumps({"host": "127.0.0.1", "port": self.port, "no_tls": True})
        settings.write_text(f"host: 127.0.0.1\nport: {self.client_port}\nwebsocket: {websocket}\n")
        return [str(shutil.which("nats-server")), "-c", str(settings)]

    async def open(self) -> None:
        """Connect a publisher."""
        _, self.writer = await asyncio.open_connection("127.0.0.1", self.client_port)
        self.writer.write(b'CONNECT {"verbose":false}\r\n')

    async def publish(self, html: str) -> None:
        """Publish one event."""
        body = html.encode()
        self.writer.write(b"PUB bench %d\r\n%b\r\n" % (len(body), body))
        await self.writer.drain()


class Nchan(Stack):
    """nginx with nchan, which is told of an event over HTTP."""

    name = "nchan"

    def missing(self) -> str:
        """Return whether nginx and the module are there."""
        return "" if shutil.which("nginx") and NCHAN.exists() else "nginx and libnginx-mod-nchan are not installed"

    def command(self) -> list[str]:
        """Return the command line with a configuration of the benchmark's own."""
        settings = self.log.with_suffix(".conf")
        settings.write_text(NGINX.format(module=NCHAN, directory=self.people.directory, port=self.port))
        return [str(shutil.which("nginx")), "-p", str(self.people.directory), "-c", str(settings)]

    async def open(self) -> None:
        """Connect a publisher, who reads no answers."""
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.answers = asyncio.create_task(_read_away(reader))

    async def publish(self, html: str) -> None:
        """Publish one event."""
        body = html.encode()
        self.writer.write(b"POST /publish HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await self.writer.drain()


async def _read_away(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


ALL: dict[str, type[Stack]] = {
    **BELLWIRES,
    **{stack.name: stack for stack in (Tutorial, Asynchronous, NodeWs, SocketIo, Bun, Nats, Nchan)},
}
