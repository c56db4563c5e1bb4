"""The relay: one channel-layer channel for the whole server process, fanned out to its sockets.

Stock Channels gives every socket a Redis channel, three tasks and a decode for each event. Here a process subscribes to
a group once, with its first local socket, and drops it with the last; an event is received once, rendered already, and
handed to all sockets of the group. What comes while the previous frame is still going out leaves as one frame.

Redis may lose, double or reorder events. The relay knows the `seq` of every stream it relays: one that skips a number
makes it fetch the gap from the database and send that first, one that was there is left out, and every few seconds it
compares itself with the tops of the streams. So a gap heals in seconds, once for a process and not once for a browser.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from django.conf import settings

from notifications import metrics
from notifications.live import streams
from notifications.live.door import CONTROL_GROUP
from notifications.relay.close_codes import CloseCode
from notifications.relay.database import in_database
from notifications.relay.rights import Rights
from notifications.relay.sockets import Socket
from notifications.relay.subscriptions import Event, Subscriptions
from notifications.relay.tasks import Tasks

logger = logging.getLogger(__name__)

SOCKETS_PER_USER = 20
SOCKETS_PER_ADDRESS = 2000
"""In one process, unless settings.SOCKETS_PER_ADDRESS says otherwise (0: no limit): an office may have one address."""
SENDS_BEFORE_YIELD = 100


@dataclass(eq=False)
class Group:
    """A group that sockets of this process are in."""

    name: str
    sockets: set[Socket] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    seq: int | None = None
    opening: asyncio.Task[None] | None = None
    sending: asyncio.Task[None] | None = None


class Relay:
    """Everything that one event loop's sockets receive passes through here."""

    def __init__(self, tasks: Tasks, control: Callable[[Event], None]) -> None:
        self.groups: dict[str, Group] = {}
        self.users: dict[int, set[Socket]] = {}
        self.addresses: Counter[str] = Counter()
        self.tasks = tasks
        self.control = control
        self.subscriptions = Subscriptions(self.receive_event, self._is_wanted)
        self.unopened: list[Group] = []

    def enter(self, socket: Socket, rights: Rights) -> bool:
        """Put a socket that was admitted into its groups; return False if it has gone, or is one too many."""
        if socket.closed:
            return False
        sockets = self.users.setdefault(rights.user_pk, set())
        sockets.add(socket)
        self.addresses[socket.address] += 1
        metrics.sockets.inc()
        socket.user_pk, socket.stream = rights.user_pk, rights.stream
        most = getattr(settings, "SOCKETS_PER_ADDRESS", SOCKETS_PER_ADDRESS)
        if len(sockets) > SOCKETS_PER_USER or 0 < most < self.addresses[socket.address]:
            self.close(socket, CloseCode.TOO_MANY)
            return False
        self.join(socket, rights.groups)
        return True

    def remove(self, socket: Socket) -> None:
        """Forget a socket whose connection is gone or about to go."""
        socket.closed = True
        self.leave(socket, set(socket.groups))
        sockets = self.users.get(socket.user_pk, set())
        if socket in sockets:
            sockets.remove(socket)
            self.addresses[socket.address] -= 1
            if not self.addresses[socket.address]:
                del self.addresses[socket.address]
            metrics.sockets.dec()
            if not sockets:
                del self.users[socket.user_pk]

    def close(self, socket: Socket, code: CloseCode) -> None:
        """Close a socket; it receives nothing more from this moment on."""
        socket.close(code)
        self.remove(socket)

    def join(self, socket: Socket, names: Collection[str]) -> None:
        """Put the socket into these groups; `opened` tells when this process receives their events."""
        fresh = [self.groups.setdefault(name, Group(name)) for name in names if name not in self.groups]
        for name in names:
            self.groups[name].sockets.add(socket)
        socket.groups |= set(names)
        if fresh and not self.unopened:
            # It starts when this stretch of code is done: what a batch of sockets brings is opened together.
            self.opening = self.tasks.spawn(self._open())
        self.unopened += fresh
        for group in fresh:
            group.opening = self.opening

    def leave(self, socket: Socket, names: Collection[str]) -> None:
        socket.groups -= set(names)
        for name in names:
            group = self.groups[name]
            group.sockets.discard(socket)
            if not group.sockets:
                del self.groups[name]
                self.tasks.spawn(self.subscriptions.discard(name))

    async def opened(self, names: Iterable[str]) -> None:
        """Return when this process receives the events of those of the groups that are still there."""
        groups = [self.groups[name] for name in names if name in self.groups]
        # Shielded: others wait for the same opening.
        await asyncio.gather(*{asyncio.shield(group.opening) for group in groups if group.opening})

    def concerned(self, user_pks: Iterable[int], name: str) -> set[Socket]:
        """Return the sockets of these people and those of a group."""
        group = self.groups.get(name)
        return set().union(*(self.users.get(pk, ()) for pk in user_pks), group.sockets if group else ())

    def everybody(self) -> list[Socket]:
        return [socket for sockets in self.users.values() for socket in sockets]

    def seq_of(self, name: str) -> int:
        """Return how far a stream has been relayed; the first place if nobody follows it."""
        group = self.groups.get(name)
        return (group and group.seq) or 0

    async def _open(self) -> None:
        groups, self.unopened = self.unopened, []
        await self.subscriptions.add([CONTROL_GROUP, *(group.name for group in groups)])
        # The top is read after subscribing: whatever is newer than it must come as an event, or it is a gap.
        try:
            tops = await in_database(streams.tops)([group.name for group in groups])
        except Exception:
            logger.exception("The tops of new groups could not be read")
            # Without it gaps would go unseen, so nobody may stay: whoever comes back opens the group anew.
            for socket in {socket for group in groups for socket in group.sockets}:
                self.close(socket, CloseCode.TRY_LATER)
            return
        for group in groups:
            group.seq = tops.get(group.name)
            group.opening = None
            self._send_soon(group)

    def _is_wanted(self, name: str) -> bool:
        return name == CONTROL_GROUP or name in self.groups

    def receive_event(self, event: Event) -> None:
        """Take in one event of the channel layer; one for all processes is the `control`'s."""
        if event["group"] == CONTROL_GROUP:
            self.control(event)
        elif group := self.groups.get(event["group"]):
            group.events.append(event)
            self._send_soon(group)

    def _send_soon(self, group: Group) -> None:
        if group.events and group.opening is None and group.sending is None:
            group.sending = self.tasks.spawn(self._send(group))

    async def _send(self, group: Group) -> None:
        try:
            while group.events:
                events, group.events = group.events, []
                try:
                    html = await self._in_order(group, events)
                except Exception:
                    # The database is away: what has come is kept for the next event or check.
                    group.events[:0] = events
                    raise
                if html:
                    await self.fan_out(tuple(group.sockets), html)
        finally:
            group.sending = None

    async def _in_order(self, group: Group, events: Iterable[Event]) -> str:
        """Join the events' fragments in the order of `seq`, without doubles, and with what is missing between them."""
        parts = []
        top = group.seq
        for event in events:
            seq = event["seq"]
            if seq is None or top is None:
                parts.append(event["html"])
            elif seq == top + 1 and event["html"] is not None:
                parts.append(event["html"])
                top = seq
            elif seq > top:
                changes = await in_database(streams.changes)(group.name, top)
                parts.append(changes.html)
                top = changes.seq
                metrics.heals.labels(event["event"] if event["html"] is None else "gap").inc()
        # Only now: had the database failed, the next check would begin where the pages still are.
        group.seq = top
        if parts and top is not None:
            parts.append(streams.cursor(group.name, top))
        return "".join(parts)

    async def fan_out(self, sockets: Collection[Socket], html: str) -> None:
        """Send one frame to all these sockets."""
        message = {"type": "websocket.send", "text": html}
        await self.each(sockets, lambda socket: socket.offer(message))

    async def each(self, sockets: Iterable[Socket], send: Callable[[Socket], None]) -> None:
        """Call `send` with each socket, and let others have their turn in between."""
        for number, socket in enumerate(sockets, start=1):
            send(socket)
            if number % SENDS_BEFORE_YIELD == 0:
                await asyncio.sleep(0)
