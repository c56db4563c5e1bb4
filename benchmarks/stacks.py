"""What is measured: servers, each a real process on loopback, all on one Redis; Bellwire's are here."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Self

import redis.asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer

from benchmarks import machine
from benchmarks.people import People


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


BELLWIRES: dict[str, type[Bellwire]] = {stack.name: stack for stack in (BellwireUvicorn, BellwireDaphne)}


def chosen(known: Collection[str], text: str) -> list[str]:
    """Return the stacks in a list with commas."""
    names = text.split(",")
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no such stack: {', '.join(unknown)}")
    return names
