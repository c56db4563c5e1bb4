"""A group as one process has it: who of its sockets is in it, and how far they have come."""

import asyncio
import math
from dataclasses import dataclass, field

from notifications.relay.programs import Program
from notifications.relay.sockets import Socket
from notifications.relay.subscriptions import Event


@dataclass(eq=False)
class Group:
    """A group that sockets of this process are in; `programs` are those of them that are told data.

    `seq` is how far it has been relayed, and `sent` how far all its pages have been sent it; `told` how far its
    programs are told of it, and `heard` how far all of them have been. Each is None if its pushes are not counted.
    """

    name: str
    sockets: set[Socket] = field(default_factory=set)
    programs: set[Program] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    seq: int | None = None
    sent: int | None = None
    told: int | None = None
    heard: int | None = None
    sent_at: float = -math.inf
    hurry: asyncio.Event | None = None
    opening: asyncio.Task[None] | None = None
    sending: asyncio.Task[None] | None = None

    def begin(self, top: int | None) -> None:
        """Let everything up to `top` be what whoever joins has to be brought up to."""
        self.seq = self.sent = self.told = self.heard = top

    def add(self, socket: Socket) -> None:
        """Take in a socket; the first program is brought up to what pages have been sent by then."""
        self.sockets.add(socket)
        if isinstance(socket, Program):
            if not self.programs:
                self.told = self.heard = self.seq
            self.programs.add(socket)

    def discard(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        if isinstance(socket, Program):
            self.programs.discard(socket)

    def pages(self) -> tuple[Socket, ...]:
        """Return those that are sent HTML."""
        return tuple(self.sockets - self.programs if self.programs else self.sockets)
