"""The machine: what it is, what runs on it, and what a process has used of it."""

import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("django", "channels", "channels-redis", "daphne", "uvicorn", "websockets", "redis", "celery", "uvloop")
PROGRAMS = ("node", "nats-server", "postgres")
SPARE_FILES = 500


def versions() -> dict[str, str]:
    """Return what was measured, and on what."""
    programs = {name: path for name in PROGRAMS if (path := shutil.which(name))}
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {cores()} cores",
        **{name: version(name) for name in PACKAGES},
        **{name: _version(path) for name, path in programs.items()},
    }


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else said.strip()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def warnings() -> Iterator[str]:
    """Yield what will spoil the figures."""
    load, _, _ = os.getloadavg()
    if load > cores() / 2:
        yield f"This machine has other things to do (load {load:.1f} on {cores()} cores): times will be too long."


def allow_files(sockets: int) -> None:
    """Let this process and those it starts open so many sockets; end with the reason if the system does not."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < sockets + SPARE_FILES:
        sys.exit(f"{sockets:,} sockets need {sockets + SPARE_FILES:,} open files, and ulimit -Hn is {hard:,}.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process and its children have had, to the nanosecond (Linux)."""
    # The clock of each, as clock_getcpuclockid(3) names it: /proc counts in ticks of 10 ms.
    return sum(time.clock_gettime(~each << 3 | 2) for each in family(pid))


def memory_kb(pid: int) -> float:
    """Return the resident memory of a process and its children."""
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError):  # A thread that has ended since.
            for child in children.read_text().split():
                yield from family(int(child))
