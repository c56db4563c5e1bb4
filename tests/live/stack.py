"""All of Bellwire as processes of its own, started as `bin/run` starts it, for tests that use it from outside."""

import fcntl
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Self
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import pytest
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from project import paths

UNLIMITED = ",".join(f"{what}=0/1h" for what in ("posts", "chats", "invitations", "exports", "announcements"))
"""LIMITS for a site that is shared by many tests: each of the few people in it does there what very many would."""
READY = "Bellwire is ready: "
PREPARE = """
import django
from django.core.management import call_command
from project import prepare

django.setup()
call_command("migrate")
prepare._collect()
"""


def copy_code(target: Path) -> Path:
    """Copy the code without hidden files: a developer's own `.env` must not steer a test."""
    shutil.copytree(paths.BASE_DIR, target, ignore=shutil.ignore_patterns(".*", "__pycache__", "var", "tests"))
    partly = Path("tests", "live", "partly.py")
    (target / partly).parent.mkdir(parents=True)
    shutil.copy(paths.BASE_DIR / partly, target / partly)
    return target


def made_once(path: Path, make: Callable[[Path], object]) -> Path:
    """Return `path` when `make(path)` has been called once, by whichever process of a test run comes first."""
    done = path.with_suffix(".done")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make(path)
            done.touch()
    return path


def common(factory: pytest.TempPathFactory) -> Path:
    """Return a temporary directory that all processes of a test run share, and all parts of `bin/test`."""
    if shared := os.environ.get("TEST_SHARED"):
        return Path(shared)
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def migrated(code: Path) -> Path:
    """Return a state directory with tables and static files and nobody in it, to be copied: making it takes seconds."""
    return made_once(code.with_name("migrated"), lambda state_dir: _run(code, state_dir, "-c", PREPARE))


def prepared(code: Path) -> Path:
    """Return a state directory with the demo people too."""

    def make(state_dir: Path) -> None:
        shutil.copytree(migrated(code), state_dir)
        _run(code, state_dir, "manage.py", "demo")

    return made_once(code.with_name("prepared"), make)


def _run(code: Path, state_dir: Path, *arguments: str) -> None:
    env = {"PATH": os.environ["PATH"], "STATE_DIR": str(state_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    subprocess.run([sys.executable, *arguments], cwd=code, env=env, capture_output=True, check=True)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def fetch(url: str, timeout: float = 20, **headers: str) -> httpx.Response:
    """Fetch a page over a connection of its own, and load no certificates: that takes longer than most pages."""
    return httpx.get(url, headers=headers, timeout=timeout, trust_env=False, verify=False)


def until(fact: Callable[[], object], timeout: float = 20) -> None:
    """Wait until `fact()` is true; fail when it is not within the time."""
    limit = time.monotonic() + timeout
    while not fact():
        assert time.monotonic() < limit, f"not true within {timeout} s"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Return whether a process runs: one that ended and was not waited for does not."""
    return _state(Path(f"/proc/{pid}")) not in "ZX"


def _state(process: Path) -> str:
    """Return the letter by which Linux says what a process or a thread does; `X` is one that is gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def _command(pid: str) -> str:
    """Return the command line of a process; nothing of one that has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def heed_signals() -> None:
    """Let Ctrl-C and a hang-up be heard: what a shell runs in the background ignores them, and hands that on."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Site:
    """Where a running Bellwire is to be found."""

    url: str
    ws_url: str

    def client(self) -> httpx.Client:
        """Return a browser that has no cookies yet."""
        return httpx.Client(base_url=self.url, timeout=10, trust_env=False, verify=False)

    def connect(self, path: str, **headers: str) -> ClientConnection:
        """Open a WebSocket as a page of this site does."""
        origin = Origin(self.url.removesuffix(urlsplit(self.url).path))
        return connect(f"{self.ws_url}{path}", origin=origin, additional_headers=headers, proxy=None)

    def readyz(self) -> str:
        """Return what `/readyz` says, or an empty string if there is no answer."""
        try:
            return fetch(f"{self.url}/readyz").text
        except httpx.TransportError:
            return ""


class Stack(Site):
    """One run of Bellwire with its own state directory; `settings` are environment variables, None leaves one out.

    `without` names what of it the tests have no use for, as `tests.live.partly` does: each costs seconds.
    """

    def __init__(self, code: Path, state_dir: Path, without: Sequence[str] = (), **settings: str | None) -> None:
        self.code = code
        self.program = ("tests.live.partly", *without) if without else ("project.run",)
        self.state_dir = state_dir
        self.log_file = state_dir.with_suffix(".log")
        given = {"STATE_DIR": str(state_dir), "PORT": str(free_port()), **settings}
        self.env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.env |= {name: value for name, value in given.items() if value is not None}

    @property
    def log(self) -> str:
        """Everything that the run has printed."""
        return self.log_file.read_text()

    @property
    def redis_socket(self) -> Path:
        """Where the embedded Redis of the run listens."""
        with patch.dict(os.environ, STATE_DIR=str(self.state_dir)):
            return paths.redis_socket()

    def launch(self) -> Self:
        """Start the run without waiting for anything."""
        with self.log_file.open("w") as log:
            command = [sys.executable, "-m", *self.program]
            run = partial(subprocess.Popen, command, cwd=self.code, env=self.env, stdout=log, stderr=log)
            self.process = run(preexec_fn=heed_signals)  # it only takes signals as they come
        return self

    def start(self) -> Self:
        """Start the run and wait until it says where it is."""
        if not self.state_dir.exists():
            shutil.copytree(prepared(self.code), self.state_dir)
        self.launch()
        try:
            until(lambda: READY in self.log or self.process.poll() is not None, timeout=90)
            assert READY in self.log
        except AssertionError as error:
            self.process.kill()
            raise AssertionError(f"Bellwire did not start: {self.log}") from error
        self.url = self.log.partition(READY)[2].split()[0].rstrip("/")
        self.ws_url = self.url.replace("http", "ws", 1)
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the run and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def children(self) -> dict[str, int]:
        """Return the pids of what the run has started, by the name of the program (Linux)."""
        return {name: pids[0] for name, pids in self.processes().items()}

    def processes(self) -> dict[str, list[int]]:
        """Return all pids of what the run has started, by the name of the program (Linux)."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {pid: _command(pid) for pid in pids}
        # Beat first: its command line names the worker too.
        names = ("beat", "worker", "uvicorn", "daphne", "valkey-server")
        found = ((next((name for name in names if re.search(rf"\b{name}\b", commands[pid])), ""), pid) for pid in pids)
        named: dict[str, list[int]] = {}
        for name, pid in found:
            if name:
                named.setdefault(name, []).append(int(pid))
        return named

    @contextmanager
    def worker_away(self) -> Iterator[None]:
        """Let nothing that is queued be done for as long as the `with` block lasts (Linux)."""
        worker = self.children()["worker"]
        until(lambda: self._stops(worker))
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)

    def _stops(self, pid: int) -> bool:
        """SIGSTOP a process, unless that finds it in a transaction: SQLite would let nobody write until it goes on."""
        os.kill(pid, signal.SIGSTOP)
        # Each thread stops by itself, one in a system call only after that: it may be the one that takes the lock.
        until(lambda: all(_state(thread) in "tTZX" for thread in Path(f"/proc/{pid}/task").iterdir()))
        with closing(sqlite3.connect(self.state_dir / "bellwire.sqlite3", timeout=1)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                return False
        return True

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()


def doctor(stack: Stack, *arguments: str, **settings: str) -> tuple[int, str]:
    """Return the doctor's exit code and what it says, perhaps with other settings than the run has."""
    command = [sys.executable, "manage.py", "push_doctor", *(arguments or ("--url", stack.url))]
    env = {**stack.env, **settings}
    done = subprocess.run(command, cwd=stack.code, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr
