"""Child processes started in order, kept running, and ended in the reverse order, all from one thread."""

import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import NoReturn

from project import paths

START_LIMIT = 60  # seconds until a service must be ready
RESTARTS = 5  # how often a service may end by itself within RESTART_WINDOW
RESTART_WINDOW = 60  # seconds
ENDINGS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class CannotRun(Exception):
    """Why this run cannot start or go on, in one line."""


class AskedToEnd(Exception):
    """A signal asked this run to end."""


@dataclass(frozen=True)
class Service:
    """A command, the seconds it may take to end, and a function that names what it still lacks to be ready.

    `descriptors` are open files that its processes inherit under the same numbers.
    """

    name: str
    command: list[str]
    grace: float
    lacks: Callable[[], str] = str
    descriptors: tuple[int, ...] = ()


class Child:
    """The process of a service, and when it ended by itself."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ended_at: list[float] = []
        self.spawn()

    def spawn(self) -> None:
        """Start the process, in a session of its own: Ctrl-C must reach the supervisor alone."""
        self.due: float | None = None
        self.process = subprocess.Popen(
            self.service.command,
            cwd=paths.BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.service.descriptors,
            preexec_fn=end_with(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
        )

    def running(self) -> bool:
        return self.process.poll() is None

    def ending(self) -> str:
        """Return how the process ended: by which exit code or signal."""
        code = self.process.wait()
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


class Signals:
    """Signals and the ends of children, received where the supervisor waits and nowhere else."""

    def __init__(self) -> None:
        self.receiver, self.sender = socket.socketpair()
        self.sender.setblocking(False)
        signal.set_wakeup_fd(self.sender.fileno())
        for number in ENDINGS | {signal.SIGCHLD}:
            # What nohup, or a shell for its background jobs, has set to be ignored stays so.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: None)

    def pause(self, seconds: float) -> None:
        """Wait for the time or for a signal, whichever comes first; raise AskedToEnd when it is one to end by."""
        if select.select([self.receiver], [], [], seconds)[0] and ENDINGS.intersection(self.receiver.recv(64)):
            raise AskedToEnd


class Supervisor:
    """The children of one run, in the order in which they were started."""

    def __init__(self) -> None:
        self.signals = Signals()
        self.children: list[Child] = []

    def complete(self, service: Service) -> None:
        """Run a service to its end, which must be a good one."""
        child = self._child(service)
        while child.running():
            self.signals.pause(START_LIMIT)
        self.children.remove(child)
        if child.process.returncode:
            raise CannotRun(f"The {service.name} failed ({child.ending()}).")

    def start(self, service: Service, processes: int = 1) -> None:
        """Start a service and wait until it is ready, then as many more processes of it as are wanted.

        Processes of one service serve the same clients, so once it is ready nobody waits for the others.
        """
        child = self._child(service)
        limit = time.monotonic() + START_LIMIT
        while lack := service.lacks():
            if not child.running():
                raise CannotRun(f"The {service.name} did not start ({child.ending()}).")
            if time.monotonic() > limit:
                raise CannotRun(f"The {service.name} is not ready after {START_LIMIT} s: {lack}")
            self.signals.pause(0.1)
        for _ in range(1, processes):
            self._child(service)

    def keep(self) -> NoReturn:
        """Start again what ends by itself, until a signal comes or a service keeps ending."""
        while True:
            self.signals.pause(0.5)
            for child in self.children:
                if not child.running():
                    self._revive(child)

    def end(self) -> None:
        """End all services, the last one started first; another signal kills what is left."""
        try:
            for service, children in groupby(reversed(self.children), key=lambda child: child.service):
                self._end(service, list(children))
        except AskedToEnd:
            _kill(self.children)

    def _child(self, service: Service) -> Child:
        child = Child(service)
        self.children.append(child)
        return child

    def _revive(self, child: Child) -> None:
        now = time.monotonic()
        if child.due is None:
            child.due = now + self._delay(child)
            say(f"The {child.service.name} ended ({child.ending()}) and will be started again.")
        if now >= child.due:
            child.spawn()

    def _delay(self, child: Child) -> float:
        """Return the seconds until a child may be started again; raise CannotRun when it has ended too often."""
        # Somebody has asked it to end, to have it started anew.
        if child.process.returncode == 0:
            return 0
        now = time.monotonic()
        child.ended_at = [at for at in child.ended_at if now - at < RESTART_WINDOW] + [now]
        times = len(child.ended_at)
        if times > RESTARTS:
            raise CannotRun(f"The {child.service.name} ended {times} times in {RESTART_WINDOW} s ({child.ending()}).")
        return 0.25 * 2**times

    def _end(self, service: Service, children: list[Child]) -> None:
        for child in children:
            child.process.terminate()
        limit = time.monotonic() + service.grace
        while any(child.running() for child in children) and time.monotonic() < limit:
            self.signals.pause(0.1)
        _kill(children)


def _kill(children: Iterable[Child]) -> None:
    for child in children:
        child.process.kill()
        child.process.wait()


def say(line: str) -> None:
    """Print a line at once; that nobody reads any more, as after a closed terminal, is no reason to fail."""
    with suppress(OSError):
        print(line, flush=True)


def end_with(parent: int) -> Callable[[], None] | None:
    """Return what a new process does first, so that it cannot outlive its parent, not even one that is killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def set_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have gone before the line above.
        if os.getppid() != parent:
            os._exit(1)

    return set_death_signal
