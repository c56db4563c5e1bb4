"""Run all of Bellwire on one machine until Ctrl-C or SIGTERM: `.venv/bin/python -m project.run`."""

import fcntl
import http.client
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import environ

from project import embedded_redis, paths
from project.supervisor import AskedToEnd, CannotRun, Service, Supervisor, say

PYTHON = [sys.executable, "-m"]
# Celery warns of root for the sake of pickled tasks; here they are JSON.
CELERY = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m"]
CELERY += ["celery", "--app", "celery_app", "--quiet"]
WORKER = "--pool threads --concurrency 4 --without-mingle --without-gossip --without-heartbeat --loglevel warning"
# Sockets only push, so what a browser may send them is small; compression would cost CPU for each socket.
UVICORN = (
    "--ws websockets-sansio --ws-per-message-deflate false --ws-max-size 4096 --ws-ping-interval 20"
    " --ws-ping-timeout 20 --timeout-graceful-shutdown 10 --lifespan off --no-access-log --no-server-header"
    " --log-level warning"
)
# Daphne's limit for messages holds in both directions, so it must have room for the longest replay.
DAPHNE = (
    "--websocket_timeout -1 --websocket-max-message-size 16777216 --websocket-max-frame-size 4096"
    " --ping-interval 20 --ping-timeout 20 --application-close-timeout 5 --no-server-name --verbosity 0"
)
SERVERS = {"uvicorn": ("--host", UVICORN), "daphne": ("--bind", DAPHNE)}


def main() -> None:
    """Start everything, say where it is, keep it running, and end it when asked to."""
    environ.Env.read_env(str(paths.BASE_DIR / ".env"))
    # The database, the secret and the logs are nobody else's to read.
    os.umask(0o077)
    try:
        host, port, server = _choices()
        with _only_run():
            _check_free(host, port)
            _run(host, port, server)
    except (CannotRun, embedded_redis.RedisUnavailable) as error:
        sys.exit(f"Bellwire: {error}")


def _run(host: str, port: int, server: str) -> None:
    supervisor = Supervisor()
    try:
        if not os.environ.get("REDIS_URL"):
            embedded_redis.prepare()
            supervisor.start(_redis())
        supervisor.complete(_preparation(host))
        for service in (_worker(), _beat(), _web_server(host, port, server)):
            supervisor.start(service)
        say(f"Bellwire is ready: {_url(host, port)} (Ctrl-C ends it)")
        supervisor.keep()
    except AskedToEnd:
        say("Bellwire is ending.")
    finally:
        supervisor.end()
        embedded_redis.tidy()


def _choices() -> tuple[str, int, str]:
    """Return host, port and server from the environment."""
    host, port, server = (
        os.environ.get(name) or default
        for name, default in (("HOST", "127.0.0.1"), ("PORT", "8000"), ("SERVER", "uvicorn"))
    )
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise CannotRun(f"PORT is a number from 1 to 65535, not {port!r}.")
    if server not in SERVERS:
        raise CannotRun(f"SERVER is {' or '.join(SERVERS)}, not {server!r}.")
    return host, int(port), server


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


def _check_free(host: str, port: int) -> None:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotRun(f"cannot listen on {host}:{port} ({error.strerror}); PORT and HOST name another.") from None


def _redis() -> Service:
    def lacks() -> str:
        return "" if embedded_redis.answers() else f"no answer on {paths.redis_socket()}"

    return Service("embedded Redis", embedded_redis.command(), grace=2, lacks=lacks)


def _preparation(host: str) -> Service:
    demo = ["demo"] if _is_loopback(host) else []
    return Service("preparation", [*PYTHON, "project.prepare", *demo], grace=2)


def _worker() -> Service:
    return Service("Celery worker", [*CELERY, "worker", *WORKER.split()], grace=3)


def _beat() -> Service:
    schedule = str(paths.state_dir() / "celerybeat-schedule")
    return Service(
        "Celery beat", [*CELERY, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "warning"], grace=1
    )


def _web_server(host: str, port: int, server: str) -> Service:
    host_option, options = SERVERS[server]
    address = [host_option, host, "--port", str(port)]
    return Service(
        "web server",
        [*PYTHON, server, *address, *options.split(), "project.asgi:application"],
        grace=11,
        lacks=lambda: _site_lacks(host, port),
    )


def _site_lacks(host: str, port: int) -> str:
    # The site answers only to the names it is known by.
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].lstrip("*.") or "localhost"
    with closing(http.client.HTTPConnection(host, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/readyz", headers={"Host": name})
            response = connection.getresponse()
            return "" if response.status == 200 else f"{response.status} {response.read(200).decode().strip()}"
        except (OSError, http.client.HTTPException) as error:
            return str(error)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


if __name__ == "__main__":
    main()
