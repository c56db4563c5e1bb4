"""The surroundings of every test run: a state directory and a real Redis of its own (loaded before the settings)."""

import gc
import os
import shutil
import subprocess
import tempfile
import time

import pytest

os.environ["STATE_DIR"] = tempfile.mkdtemp(prefix="bellwire-test-")

from project import paths
from project.run import embedded_redis, supervisor

_redis: list[subprocess.Popen[bytes]] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start Redis; the tests that kill or stop one start their own."""
    embedded_redis.prepare()
    # Workers of a parallel run may be killed before they end it themselves.
    _redis.append(subprocess.Popen(embedded_redis.command(), preexec_fn=supervisor.end_with(os.getpid())))  # noqa: PLW1509 - one thread
    limit = time.monotonic() + 10
    while not embedded_redis.answers():
        assert time.monotonic() < limit, "the Redis of the tests does not answer"
        time.sleep(0.01)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have the garbage collector look less often, and not at what stays: a tenth of all tests' time is its own."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End Redis and remove what the tests have left."""
    for process in _redis:
        process.terminate()
        process.wait()
    embedded_redis.tidy()
    shutil.rmtree(paths.state_dir(), ignore_errors=True)
