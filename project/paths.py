"""Where a Bellwire is, and keeps what it makes: its prefix, its state directory, its secret, its embedded Redis."""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def state_dir() -> Path:
    """Return the directory of the database, the secret key and the logs: `STATE_DIR`, else `var/`."""
    return Path(os.environ.get("STATE_DIR") or BASE_DIR / "var").resolve()


def runtime_dir() -> Path:
    """Return this state directory's own short-named folder for sockets and pid files.

    A Unix socket's path may have at most 107 bytes, so it cannot lie deep in a checkout.
    """
    name = hashlib.sha256(str(state_dir()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"bellwire-{os.getuid()}-{name}"


def redis_socket() -> Path:
    """Return the socket on which the embedded Redis listens while `bin/run` is up."""
    return runtime_dir() / "redis.sock"


def prefix() -> str:
    """Return what every address of the site begins with, `/bell`, or an empty string: `PATH_PREFIX`."""
    name = os.environ.get("PATH_PREFIX", "").strip("/")
    return f"/{name}" if name else ""


def local_secret() -> str:
    """Return the secret key of a Bellwire that only serves its own machine, made on first use."""
    path = state_dir() / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL and the mode in one call: no moment in which another user could read it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    key = secrets.token_urlsafe(64)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
