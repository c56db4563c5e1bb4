"""What is measured: Bellwire on its servers, and its peers, each a real process on loopback, all on one Redis."""

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, Self

import redis.asyncio
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from benchmarks import machine
from benchmarks.people import People

PEERS = Path(__file__).parent / "peers"
NODE_MODULES = Path.home() / ".cache" / "bellwire-bench"


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Stack:
    """A server process and how its sockets get events; use it as a context manager."""

    name: str
    hello: tuple[str, ...] = ()
    greets = False

    def __init__(self, people: People, log: Path) -> None:
        self.people = people
        self.log = log
        self.port = free_port()

    def command(self) -> list[str]:
        """Return the server's command line."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return what the server's environment has beside the benchmark's own."""
        return {}

    def targets(self, count: int) -> list[tuple[str, str]]:
        """Return an address and a Cookie header for each socket."""
        return [(f"ws://127.0.0.1:{self.port}/", "")] * count

    async def open(self) -> None:
        """Get ready to publish."""
        self.redis = redis.asyncio.Redis.from_url(self.people.redis_url)

    async def publish(self, html: str) -> None:
        """Send one event to all sockets."""
        await self.redis.publish("bench", html)

    def missing(self) -> str:
        """Return what this machine lacks for the stack, or an empty string."""
        return ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the server and wait until it listens."""
        with self.log.open("ab") as log:
            environment = {**os.environ, **self.environment()}
            self.process = subprocess.Popen(
                self.command(), env=environment, stdout=log, stderr=log, start_new_session=True
            )
        limit = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > limit:
                self.kill()
                raise RuntimeError(f"{self.name} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server with all that it has started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def cpu_seconds(self) -> float:
        """Return the CPU time that the server has had."""
        return machine.cpu_seconds(self.process.pid)

    def memory_kb(self) -> float:
        """Return the resident memory of the server."""
        return machine.memory_kb(self.process.pid)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


class Bellwire(Stack):
    """The whole ASGI application, with sessions, rights, replay and the relay."""

    server: str
    settings = "project.settings"
    greets = True

    def command(self) -> list[str]:
        """Return the command line for a server by itself."""
        return [sys.executable, "-m", "project.serve", self.server, "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        """Say with which settings it runs."""
        return {"DJANGO_SETTINGS_MODULE": self.settings}

    def targets(self, count: int) -> list[tuple[str, str]]:
        """Return the chat's socket with the session of one of its members for each."""
        url = f"ws://127.0.0.1:{self.port}/ws/live/chat/{self.people.chat_pk}/?after={self.people.seq}"
        return [(url, f"sessionid={self.people.session(number)}") for number in range(count)]

    async def open(self) -> None:
        """Get ready to publish as notifications.push does."""
        self.layer = RedisPubSubChannelLayer(hosts=[{"address": self.people.redis_url}], prefix="bellwire")
        self.seq = self.people.seq

    async def publish(self, html: str) -> None:
        """Send one event of the chat's stream."""
        self.seq += 1
        group = f"chat.{self.people.chat_pk}"
        await self.layer.group_send(group, {"type": "relay.event", "group": group, "seq": self.seq, "html": html})


class BellwireUvicorn(Bellwire):
    """Bellwire as bin/run starts it."""

    name = "bellwire-uvicorn"
    server = "uvicorn"


class BellwireDaphne(Bellwire):
    """Bellwire with SERVER=daphne."""

    name = "bellwire-daphne"
    server = "daphne"


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
        if not (NODE_MODULES / "node_modules").exists():
            NODE_MODULES.mkdir(parents=True, exist_ok=True)
            shutil.copy(PEERS / "package.json", NODE_MODULES)
            done = subprocess.run(["npm", "install", "--silent"], cwd=NODE_MODULES, check=False)
            return "npm could not install the packages" if done.returncode else ""
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


BELLWIRES: dict[str, type[Bellwire]] = {stack.name: stack for stack in (BellwireUvicorn, BellwireDaphne)}
ALL: dict[str, type[Stack]] = {
    **BELLWIRES,
    **{stack.name: stack for stack in (Tutorial, Asynchronous, NodeWs, SocketIo, Nats)},
}


def chosen(known: Collection[str], text: str) -> list[str]:
    """Return the stacks in a list with commas."""
    names = text.split(",")
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no such stack: {', '.join(unknown)}")
    return names
