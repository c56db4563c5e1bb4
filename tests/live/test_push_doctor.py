"""`manage.py push_doctor` beside a running Bellwire: what works, and what does not."""

import os
import re
import select
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.site import Redis
from tests.live.stack import Stack, doctor, free_port, until

pytestmark = pytest.mark.parametrize("stack", ["uvicorn"], indirect=True, scope="session")


TIME = re.compile(rb"(?<=^\*2\r\n\$10\r\n)\d{10}(?=\r\n)")
"""The seconds in Redis' answer to TIME."""


class StrangeRedis(socketserver.BaseRequestHandler):
    """A way to a Redis that takes its time, and to whom it is a minute later than here."""

    path: Path

    def handle(self) -> None:
        """Pass everything on between a client and the Redis."""
        with socket.socket(socket.AF_UNIX) as redis:
            redis.connect(str(self.path))
            other = {self.request: redis, redis: self.request}
            while data := (source := select.select([*other], [], [])[0][0]).recv(65536):
                if b"SUBSCRIBE" in data:
                    time.sleep(0.3)  # A worker pushes sooner.
                if source is redis:
                    time.sleep(0.03)
                    data = TIME.sub(lambda found: b"%d" % (int(found[0]) + 60), data)
                other[source].sendall(data)


@contextmanager
def strange(stack: Stack) -> Iterator[str]:
    """Give the address of such a way to the Redis of a run."""
    handler = type("Way", (StrangeRedis,), {"path": stack.redis_socket})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@contextmanager
def worker(stack: Stack, log: Path, *arguments: str, **settings: str) -> Iterator[None]:
    """Run a worker beside those of a run, with other settings."""
    command = [sys.executable, "-m", "celery", "--app", "celery_app", "worker", "--pool", "solo", "--loglevel", "info"]
    command.extend(arguments)
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=stack.code, env={**stack.env, **settings}, stdout=file, stderr=file)
    try:
        until(lambda: " ready." in log.read_text())
        yield
    finally:
        process.kill()
        process.wait()


@pytest.fixture(autouse=True)
def well(stack: Stack) -> None:
    """Begin each examination with a site that works: beat notes itself late, and a worker spares a Redis that hung."""
    until(lambda: doctor(stack)[0] == 0, timeout=60)


def test_a_push_is_followed_from_a_worker_to_a_page(stack: Stack) -> None:
    code, said = doctor(stack, "--url", stack.url, "--user", "bob")
    assert code == 0
    assert "1 Celery worker answers" in said
    assert "a push by a worker came through the channel layer" in said
    assert "Celery beat hands out" in said
    assert f"a push reached a socket of {stack.url}" in said


def test_what_is_down_is_named(stack: Stack) -> None:
    with stack.worker_away():
        code, said = doctor(stack, "--url", f"http://127.0.0.1:{free_port()}")
    assert code == 1
    failures = [line for line in said.splitlines() if line.startswith("FAIL")]
    assert len(failures) == 2
    assert "no Celery worker" in failures[0]
    assert "no socket at ws://127.0.0.1" in failures[1]


def test_a_hung_redis_is_named_soon(stack: Stack) -> None:
    redis = stack.children()["valkey-server"]
    os.kill(redis, signal.SIGSTOP)
    try:
        code, said = doctor(stack)
    finally:
        os.kill(redis, signal.SIGCONT)
    assert code == 1
    assert "FAIL  layer: Timeout" in said
    assert "FAIL  worker: " in said
    assert "FAIL  page: " in said


def test_a_worker_on_another_layer_is_told_from_one_that_is_away(stack: Stack, tmp_path: Path) -> None:
    other = Redis(tmp_path / "other")
    try:
        with worker(stack, tmp_path / "worker.log", REDIS_URL=other.url):
            code, said = doctor(stack, REDIS_URL=other.url, LAYER_URLS=f"unix://{stack.redis_socket}")
    finally:
        other.close()
    assert code == 1
    assert "1 Celery worker answers" in said
    assert "FAIL  worker: nothing that a worker pushes came through within 5 s\n" in said
    assert "with the same REDIS_URL and LAYER_URLS as the site" in said
    assert said.count("FAIL") == 1
    assert f"a push reached a socket of {stack.url}" in said


def test_a_queue_that_nobody_takes_is_named(stack: Stack, tmp_path: Path) -> None:
    other = Redis(tmp_path / "other")
    try:
        with worker(stack, tmp_path / "worker.log", "--queues", "celery", REDIS_URL=other.url):
            code, said = doctor(stack, REDIS_URL=other.url, LAYER_URLS=f"unix://{stack.redis_socket}")
    finally:
        other.close()
    assert code == 1
    assert "FAIL  no Celery worker takes the queue jobs\n" in said
    assert "`--queues jobs`" in said
    assert "takes the queue celery" not in said


def test_a_slow_redis_whose_clock_is_wrong_is_warned_of(stack: Stack) -> None:
    with strange(stack) as address:
        code, said = doctor(stack, LAYER_URLS=address)
    assert code == 0, said
    warnings = [line for line in said.splitlines() if line.startswith("warn")]
    assert re.fullmatch(r"warn  Redis takes [3-9]\d ms to answer", warnings[0])
    assert warnings[1:] == ["warn  the clock of Redis is 60 s off"]


def test_a_database_without_tables_is_named(stack: Stack, tmp_path: Path) -> None:
    code, said = doctor(stack, DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
    assert code == 1
    assert re.search(r"^FAIL  \d+ migrations are missing\n +Run `manage.py migrate`.$", said, re.MULTILINE)
    assert "a push by a worker came through the channel layer" in said


def test_bad_arguments_are_refused(stack: Stack) -> None:
    code, said = doctor(stack, "--url", stack.url, "--user", "nobody")
    assert code == 1
    assert "FAIL  there is no active person called nobody" in said
    assert "--url is like" in doctor(stack, "--url", "chat.example.org")[1]
