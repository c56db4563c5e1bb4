"""How many sockets each person and each address has open, over all processes.

Every process counts its own and reports them to the others every two seconds: for so long there may be too many.
"""

import time
import uuid
from collections import Counter
from collections.abc import Mapping

from django.conf import settings

from notifications.relay.sockets import Socket
from notifications.relay.subscriptions import Event

SOCKETS_PER_PERSON = 50
SOCKETS_PER_ADDRESS = 2000
"""Unless the settings of these names say otherwise (0: no limit): an office may have one address."""
REPORT_SECONDS = 5.0
"""How long a report counts: the process that it came from may have ended."""


class Headcount:
    """The sockets of this process, and what others have reported of theirs."""

    def __init__(self) -> None:
        self.process = uuid.uuid4().hex
        self.own: Counter[str] = Counter()
        self.others: dict[str, tuple[float, Mapping[str, int]]] = {}

    def add(self, socket: Socket) -> None:
        self.own.update(_limits(socket).keys())

    def remove(self, socket: Socket) -> None:
        for name in _limits(socket):
            self.own[name] -= 1
            if not self.own[name]:
                del self.own[name]

    def is_past_limit(self, socket: Socket) -> bool:
        """Return whether there are too many with this one, which has been added."""
        oldest = time.monotonic() - REPORT_SECONDS
        reports = [self.own, *(counts for at, counts in self.others.values() if at > oldest)]
        return any(0 < most < sum(each.get(name, 0) for each in reports) for name, most in _limits(socket).items())

    def report(self) -> Event:
        """Return what the other processes are to know."""
        return {"process": self.process, "counts": dict(self.own)}

    def heed(self, report: Event) -> None:
        """Take note of a process's report, in place of its last one."""
        now = time.monotonic()
        self.others = {name: each for name, each in self.others.items() if each[0] > now - REPORT_SECONDS}
        if report["process"] != self.process:
            self.others[report["process"]] = now, report["counts"]


def _limits(socket: Socket) -> dict[str, int]:
    """Return what a socket counts for, with how many there may be."""
    return {
        f"person {socket.user_pk}": getattr(settings, "SOCKETS_PER_PERSON", SOCKETS_PER_PERSON),
        f"address {socket.address}": getattr(settings, "SOCKETS_PER_ADDRESS", SOCKETS_PER_ADDRESS),
    }
