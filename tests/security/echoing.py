"""Bellwire's web servers with an application that says what has come through: `tests.security.echo`."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from project import paths
from tests.live.stack import Site

SERVERS = ("uvicorn", "daphne")


class Echo(Site):
    """A web server whose application says what has come through."""

    def __init__(self, server: str, **settings: str) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.ws_url = self.url.replace("http", "ws", 1)
        number = listener.fileno()
        command = [sys.executable, "-m", "tests.security.echo", server, str(number)]
        env = {"PATH": os.environ["PATH"], "STATE_DIR": str(paths.state_dir()), "SECONDS": "10", **settings}
        self.process = subprocess.Popen(command, cwd=paths.BASE_DIR, env=env, pass_fds=[number])
        listener.close()


@contextmanager
def echoing(server: str, **settings: str) -> Iterator[Echo]:
    running = Echo(server, **settings)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(timeout=30)
