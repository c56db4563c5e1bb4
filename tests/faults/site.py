"""A whole Bellwire to break: web server, worker and beat as `bin/run` starts them, a database and a Redis of its own.

Its settings add an app that can switch off one of the product's mechanisms, or hold a gate, by the names in
`handicaps`. Redis is the test's own, so that a test can say when it comes back.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import psycopg
from redis import Redis as Client

from project import paths
from project.run import embedded_redis
from tests.live.stack import Stack, copy_code, fetch, until

MEMBERS = 100
ROOMS = 40
TEMPLATE = f"bellwire_faults_{uuid.uuid4().hex[:12]}"
"""The PostgreSQL database that those of this process's sites are copies of."""


@dataclass(frozen=True)
class Spec:
    """What kind of site: `lossy` gives it a channel layer that can lose events, `settings` are further variables.

    `alone` leaves out worker and beat, where nothing that is tried needs them.
    """

    server: str = "uvicorn"
    database: str = "sqlite"
    handicaps: tuple[str, ...] = ()
    lossy: bool = False
    alone: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = [name for name in ("lossy", "alone") if getattr(self, name)]
        extras = [*words, *self.handicaps, *(f"{n}={v}" for n, v in self.settings)]
        return "-".join([self.database, self.server, *extras])


TWO_SERVERS = Spec(settings=(("WEB_PROCESSES", "2"),))


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    name: str
    pk: int
    session: str


class Redis:
    """A real Redis on a Unix socket, which can be killed, stopped and continued."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        with patch.dict(os.environ, STATE_DIR=str(directory)):
            embedded_redis.prepare()
            self.command = embedded_redis.command()
            self.socket = paths.redis_socket()
        self.start()

    @property
    def url(self) -> str:
        """Its address, as a setting."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(self.command)
        until(self.socket.exists)

    def kill(self) -> None:
        """SIGKILL: what it held is gone."""
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """SIGSTOP: it takes connections and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def drop_connections(self) -> None:
        """Close the connections of all clients, those that listen too."""
        with Client(unix_socket_path=str(self.socket)) as client:
            for kind in ("normal", "pubsub"):
                client.client_kill_filter(_type=kind, skipme=True)

    def close(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(self.socket.parent, ignore_errors=True)


class Site(Stack):
    """A running site; use it as a context manager."""

    def __init__(self, directory: Path, spec: Spec) -> None:
        self.spec = spec
        self.losses = directory / "losses.json"
        self.database_name = f"bellwire_faults_{uuid.uuid4().hex[:12]}" if spec.database == "postgresql" else ""
        database_url = self._create_database() if self.database_name else None
        self.redis = Redis(directory / "redis")
        super().__init__(
            code(),
            directory / "state",
            ("prepared", "alone") if spec.alone else ("prepared",),
            SERVER=spec.server,
            REDIS_URL=self.redis.url,
            DJANGO_SETTINGS_MODULE="tests.faults.settings",
            HANDICAPS=",".join(spec.handicaps),
            LOSSES=str(self.losses) if spec.lossy else None,
            DATABASE_URL=database_url,
            METRICS_TOKEN="metrics",
            # A few people stand for very many here, all with one address.
            LIMITS="posts=0/1m,handshakes=0/1m",
            SOCKETS_PER_ADDRESS="0",
            **dict(spec.settings),
        )

    def start(self) -> Self:
        """Start everything, with the people and rooms that are there already."""
        shutil.copytree(populated(self.spec.database), self.state_dir)
        super().start()
        made = json.loads((self.state_dir / "people.json").read_text())
        self.people = {each["name"]: Person(**each) for each in made["people"]}
        self.rooms: list[int] = made["rooms"]
        self.members = [person for name, person in self.people.items() if name != "carol"]
        return self

    def __enter__(self) -> Self:
        with ExitStack() as cleaning:
            cleaning.callback(self._drop_database)
            cleaning.callback(self.redis.close)
            self.start()
            # Nothing of it is needed any more, so it is not asked to end in good order: its children go with it.
            cleaning.callback(self.stop, signal.SIGKILL)
            self.cleaning = cleaning.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.cleaning.close()

    def room(self) -> int:
        """Return a private room that nobody has written in yet, with everybody in it but carol."""
        return self.rooms.pop()

    def run(self, module: str, *arguments: str, given: str = "") -> str:
        """Run a module with the site's code and settings, and return what it prints; it may read what is given."""
        return run(module, *arguments, env=self.env, given=given)

    def lose_events(self, seed: int, drop: float = 0.1, double: float = 0.05, shuffle: float = 0.3) -> None:
        """From now on have the (lossy) channel layer of the web server lose, double and delay events."""
        written = self.losses.with_suffix(".new")
        written.write_text(json.dumps({"seed": seed, "drop": drop, "double": double, "shuffle": shuffle}))
        written.rename(self.losses)

    def lose_nothing(self) -> None:
        """Have the channel layer pass everything on again."""
        self.losses.unlink(missing_ok=True)

    @contextmanager
    def redis_away(self, *, hung: bool) -> Iterator[None]:
        """Stop or kill Redis for as long as the `with` block lasts."""
        if hung:
            self.redis.hang()
        else:
            self.redis.kill()
        try:
            yield
        finally:
            if hung:
                self.redis.go_on()
            else:
                self.redis.start()

    def web_servers(self) -> list[int]:
        """Return the pids of the web server's processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if self.spec.server in _command(pid)]

    def restart_web_server(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End a process of the web server by a signal, and wait until the run has started another that is ready."""
        before = self.web_servers()
        os.kill(before[0], number)
        until(lambda: before[0] not in self.web_servers(), timeout=30)
        until(lambda: len(self.web_servers()) == len(before), timeout=30)
        self.wait_until_ready()

    def wait_until_ready(self, timeout: float = 30) -> None:
        """Wait until the site says that it can serve."""
        until(self.is_ready, timeout)

    def is_ready(self) -> bool:
        """Return whether the site says that it can serve."""
        with suppress(httpx.TransportError):
            # Patiently: behind hundreds of pages that come back, the answer takes its time.
            return fetch(f"{self.url}/readyz").status_code == 200
        return False

    def metrics(self) -> dict[str, float]:
        """Return the web server's counters by name and labels, as they stand at /metrics."""
        answer = fetch(f"{self.url}/metrics", Authorization="Bearer metrics")
        lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def _drop_database(self) -> None:
        if self.database_name:
            _administrate(f'DROP DATABASE "{self.database_name}" WITH (FORCE)')

    def _create_database(self) -> str:
        populated("postgresql")
        _administrate(f'CREATE DATABASE "{self.database_name}" TEMPLATE "{TEMPLATE}"')
        return _database_url(self.database_name)


@cache
def code() -> Path:
    """Return a copy of the code that no `.env` steers, with what the handicapped settings need; made once."""
    directory = Path(tempfile.mkdtemp(prefix="bellwire-faults-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    copy = copy_code(directory / "bellwire")
    own = Path("tests", "faults")
    shutil.copytree(paths.BASE_DIR / own, copy / own, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@cache
def populated(database: str) -> Path:
    """Return the state directory of a database that has the people and rooms; both are made once, to be copied."""
    state_dir = code().parent / database
    state_dir.mkdir()
    env = {"PATH": os.environ["PATH"], "STATE_DIR": str(state_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    if database == "postgresql":
        _administrate(f'CREATE DATABASE "{TEMPLATE}"')
        atexit.register(_administrate, f'DROP DATABASE "{TEMPLATE}" WITH (FORCE)')
        env["DATABASE_URL"] = _database_url(TEMPLATE)
    run("tests.faults.populate", str(MEMBERS), str(ROOMS), env=env)
    return state_dir


def run(module: str, *arguments: str, env: dict[str, str], given: str = "") -> str:
    """Run a module of the copied code to its end, and return what it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=code(), env=env, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _command(pid: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []  # It has ended in this moment.


def _administrate(statement: str) -> None:
    with psycopg.connect(_database_url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


def _database_url(name: str) -> str:
    # The database that the URL names need not exist: the other tests make one of their own beside it.
    return urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()
