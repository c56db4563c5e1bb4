"""A database and a Redis of the benchmark's own, with as many people as it takes for its sockets."""

import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

from benchmarks import inside
from project import paths
from project.run import embedded_redis

SOCKETS_PER_PERSON = 20
MARK = "data-sent='"


class People:
    """A chat with `members`, of whom `signed_in` or as many as the sockets need have a session; a context manager.

    `database_url` is an empty database; without one it is SQLite. What is started meanwhile finds both by its
    environment. Django itself runs in a process aside, as one process can have only one database.
    """

    def __init__(self, sockets: int, members: int = 0, signed_in: int = 1, database_url: str = "") -> None:
        self.signed_in = max(signed_in, math.ceil(sockets / SOCKETS_PER_PERSON))
        self.members = members or self.signed_in
        if self.signed_in > self.members:
            raise SystemExit(f"{sockets:,} sockets need {self.signed_in:,} members: a person may have no more sockets.")
        self.directory = Path(tempfile.mkdtemp(prefix="bellwire-bench-"))
        self.database_url = database_url or f"sqlite:///{self.directory / 'bellwire.sqlite3'}"
        self.django = ProcessPoolExecutor(1, get_context("spawn"), initializer=inside.set_up)

    def __enter__(self) -> Self:
        os.environ["STATE_DIR"] = str(self.directory)
        os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
        os.environ["DATABASE_URL"] = self.database_url
        # A few people stand for very many here, all with one address.
        os.environ["LIMITS"] = "posts=0/1m,handshakes=0/1m,api=0/1m,search=0/1m"
        os.environ["SOCKETS_PER_ADDRESS"] = "0"
        self.redis_socket = str(paths.redis_socket())
        self.redis_url = os.environ["REDIS_URL"] = f"unix://{self.redis_socket}"
        embedded_redis.prepare()
        self.redis = subprocess.Popen(embedded_redis.command())
        try:
            while not embedded_redis.answers():
                time.sleep(0.05)
            self.chat_pk, self.seq, self.sessions, self.html = self.ask(inside.fill, self.members, self.signed_in)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.django.shutdown()
        self.redis.terminate()
        self.redis.wait()
        embedded_redis.tidy()
        shutil.rmtree(self.directory, ignore_errors=True)

    def ask(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a function of `inside.py` returns."""
        return self.django.submit(function, *args).result()

    def session(self, number: int) -> str:
        """Return the session key for one of the sockets."""
        return self.sessions[number // SOCKETS_PER_PERSON]

    def fragment(self) -> tuple[str, str]:
        """Return the pushed HTML of a real message in two halves, between which a time stamp goes."""
        head, tail = self.html.split("<article", 1)
        return f"{head}<article {MARK}", f"'{tail}"
