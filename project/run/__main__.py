"""Run all of Bellwire on one machine until Ctrl-C or SIGTERM: `.venv/bin/python -m project.run`."""

import fcntl
import http.client
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import environ

from project import paths
from project.run import embedded_redis
from project.run.supervisor import AskedToEnd, CannotRun, Service, Supervisor, say
from project.serve import listening
from project.serve.__main__ import SERVERS

PYTHON = [sys.executable, "-m"]
# Celery warns of root for the sake of pickled tasks; here they are JSON.
CELERY = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m"]
CELERY += ["celery", "--app", "celery_app", "--quiet"]
WORKER = "--pool threads --concurrency 8 --without-mingle --without-gossip --without-heartbeat --loglevel warning"
DRAIN_GRACE = 20  # seconds that a web server promises to be gone in


def main() -> None:
    """Start everything, say where it is, keep it running, and end it when asked to."""
    environ.Env.read_env(str(paths.BASE_DIR / ".env"))
    try:
        host, port, server, processes = _choices()
        with _only_run(), _listen(host, port) as listener:
            _run(host, listener, server, processes)
    except (CannotRun, embedded_redis.RedisUnavailable) as error:
        sys.exit(f"Bellwire: {error}")


def _run(host: str, listener: socket.socket, server: str, processes: int) -> None:
    supervisor = Supervisor()
    port = listener.getsockname()[1]
    try:
        if not os.environ.get("REDIS_URL"):
            embedded_redis.prepare()
            supervisor.start(_redis())
        supervisor.complete(_preparation(host))
        supervisor.start(_worker())
        supervisor.start(_beat())
        supervisor.start(_web_server(host, port, server, listener), processes)
        say(f"Bellwire is ready: {_url(host, port)} (Ctrl-C ends it)")
        supervisor.keep()
    except AskedToEnd:
        say("Bellwire is ending.")
    finally:
        # Before the web servers end: nobody is to wait for a process that never comes.
        listener.close()
        supervisor.end()
        embedded_redis.tidy()


def _choices() -> tuple[str, int, str, int]:
    """Return host, port, server and the number of its processes from the environment."""
    host = os.environ.get("HOST") or "127.0.0.1"
    server = os.environ.get("SERVER") or SERVERS[0]
    if server not in SERVERS:
        raise CannotRun(f"SERVER is {' or '.join(SERVERS)}, not {server!r}.")
    return host, _number("PORT", 8000, 65535), server, _number("WEB_PROCESSES", 1, 64)


def _number(name: str, default: int, most: int) -> int:
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= most):
        raise CannotRun(f"{name} is a number from 1 to {most}, not {value!r}.")
    return int(value)


@contextmanager
def _only_run() -> Iterator[None]:
    """Hold the state directory; the lock goes with this process, however that ends."""
    paths.state_dir().mkdir(parents=True, exist_ok=True)
    with open(paths.state_dir() / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"it already runs on {paths.state_dir()}; STATE_DIR names another directory.") from None
        yield


def _listen(host: str, port: int) -> socket.socket:
    # It outlives every web server, so whoever connects while one is started again waits, and is not refused.
    try:
        return listening.bind(host, port)
    except OSError as error:
        raise CannotRun(f"cannot listen on {host}:{port} ({error.strerror}); PORT and HOST name another.") from None


def _redis() -> Service:
    def lacks() -> str:
        return "" if embedded_redis.answers() else f"no answer on {paths.redis_socket()}"

    return Service("embedded Redis", embedded_redis.command(), grace=2, lacks=lacks)


def _preparation(host: str) -> Service:
    demo = ["--demo"] if listening.is_loopback(host) else []
    return Service("preparation", [*PYTHON, "project.prepare", *demo], grace=2)


def _worker() -> Service:
    return Service("Celery worker", [*CELERY, "worker", *WORKER.split()], grace=3)


def _beat() -> Service:
    schedule = str(paths.state_dir() / "celerybeat-schedule")
    return Service(
        "Celery beat", [*CELERY, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "warning"], grace=1
    )


def _web_server(host: str, port: int, server: str, listener: socket.socket) -> Service:
    descriptor = listener.fileno()
    return Service(
        "web server",
        [*PYTHON, "project.serve", server, "--fd", str(descriptor)],
        grace=DRAIN_GRACE,
        lacks=lambda: _site_lacks(host, port),
        descriptors=(descriptor,),
    )


def _site_lacks(host: str, port: int) -> str:
    # The site answers only to the names it is known by.
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].lstrip("*.") or "localhost"
    with closing(http.client.HTTPConnection(host, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/readyz", headers={"Host": name})
            response = connection.getresponse()
            return "" if response.status == 200 else f"{response.status} {response.read(200).decode().strip()}"
        except (OSError, http.client.HTTPException) as error:
            return str(error)


def _url(host: str, port: int) -> str:
    prefix = paths.prefix()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}/"


if __name__ == "__main__":
    main()
