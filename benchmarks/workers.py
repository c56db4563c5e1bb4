"""The Celery worker of `bin/run`, beside what a benchmark measures."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project.run.__main__ import CELERY, WORKER


@contextmanager
def worker(log: Path) -> Iterator[int]:
    """Run the worker; yield its process id."""
    with log.open("wb") as output:
        process = subprocess.Popen([*CELERY, "worker", *WORKER.split()], stdout=output, stderr=output)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()
