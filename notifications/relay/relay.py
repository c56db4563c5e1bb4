"""The relay: one channel-layer channel for the whole server process, fanned out to its sockets.

Stock Channels gives every socket a Redis channel, three tasks and a decode for each event. Here a process subscribes to
a group once, with its first local socket, and drops it with the last; an event is received once, rendered already, and
handed to all sockets of the group. What comes while the previous frame is still going out, or a moment after it where
there are many sockets, leaves as one frame.

Redis may lose, double or reorder events. The relay knows the `seq` of every stream it relays: one that skips a number
makes it fetch the gap from the database and send that first, one that was there is left out, and every few seconds it
compares itself with the tops of the streams. So a gap heals in seconds, once for a process and not once for a browser.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from notifications import metrics
from notifications.live import streams
from notifications.live.door import CONTROL_GROUP
from notifications.relay.close_codes import CloseCode
from notifications.relay.database import in_database
from notifications.relay.groups import Group
from notifications.relay.headcount import Headcount
from notifications.relay.programs import Program, frames_of
from notifications.relay.rights import Rights
from notifications.relay.sockets import Socket
from notifications.relay.subscriptions import Event, Subscriptions
from notifications.relay.tasks import Tasks

logger = logging.getLogger(__name__)

SENDS_BEFORE_YIELD = 100
MANY = 100
PAUSE_SECONDS = 0.04
"""A group of MANY sockets or more is sent its first event at once and then one frame in this time: each frame costs a
call of the system for each socket, which is most of what a delivery costs, and nobody can tell."""
SOON_SECONDS = 0.25
"""What is only said to have changed, without its HTML, is read from the database once in this time."""


class Relay:
    """Everything that one event loop's sockets receive passes through here."""

    def __init__(self, tasks: Tasks, control: Callable[[Event], None]) -> None:
        self.groups: dict[str, Group] = {}
        self.users: dict[int, set[Socket]] = {}
        self.headcount = Headcount()
        self.tasks = tasks
        self.control = control
        self.subscriptions = Subscriptions(self.receive_event, self._is_wanted)
        self.unopened: list[Group] = []

    def enter(self, socket: Socket, rights: Rights) -> bool:
        """Put a socket that was admitted into its groups; return False if it has gone, or is one too many."""
        if socket.closed:
            return False
        socket.user_pk = rights.user_pk
        self.users.setdefault(rights.user_pk, set()).add(socket)
        self.headcount.add(socket)
        metrics.sockets.inc()
        if self.headcount.is_past_limit(socket):
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
            self.headcount.remove(socket)
            metrics.sockets.dec()
            if not sockets:
                del self.users[socket.user_pk]

    def close(self, socket: Socket, code: CloseCode, after: float = 0) -> None:
        """Close a socket; it receives nothing more from this moment on, and hears so, or hears it in some seconds."""
        socket.close(code, after)
        self.remove(socket)

    def join(self, socket: Socket, names: Collection[str]) -> None:
        """Put the socket into these groups; `opened` tells when this process receives their events."""
        fresh = [self.groups.setdefault(name, Group(name)) for name in names if name not in self.groups]
        for name in names:
            self.groups[name].add(socket)
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
            group.discard(socket)
            if not group.sockets:
                del self.groups[name]
                self.tasks.spawn(self.subscriptions.discard(name))

    async def opened(self, names: Iterable[str]) -> None:
        """Return when this process receives the events of those of the groups that are still there."""
        groups = [self.groups[name] for name in names if name in self.groups]
        # Shielded: others wait for the same opening.
        await asyncio.gather(*{asyncio.shield(group.opening) for group in groups if group.opening})

    def concerned(self, user_pks: Iterable[int] = (), groups: Iterable[str] = ()) -> set[Socket]:
        """Return the sockets of these people and those of these groups."""
        known = (self.groups[name].sockets for name in groups if name in self.groups)
        return set().union(*(self.users.get(pk, ()) for pk in user_pks), *known)

    def everybody(self) -> list[Socket]:
        return [socket for sockets in self.users.values() for socket in sockets]

    def seq_of(self, name: str) -> int:
        """Return how far a stream has been relayed; the first place if nobody follows it."""
        group = self.groups.get(name)
        return (group and group.seq) or 0

    def sent_of(self, name: str) -> int:
        """Return how far all who follow a stream have been sent it; the first place if nobody follows it."""
        group = self.groups.get(name)
        return (group and group.sent) or 0

    def told_of(self, name: str) -> int:
        """Return how far programs have been told of a stream; the first place if none follows it."""
        group = self.groups.get(name)
        return (group and group.told) or 0

    def heard_of(self, name: str) -> int:
        """Return how far all programs that follow a stream have been told of it."""
        group = self.groups.get(name)
        return (group and group.heard) or 0

    def is_behind(self, name: str, top: int) -> bool:
        """Return whether something up to `top` has not been relayed yet, to pages or to programs."""
        group = self.groups.get(name)
        return self.seq_of(name) < top or bool(group and group.programs and self.told_of(name) < top)

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
            group.begin(tops.get(group.name))
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
            if group.hurry and event["html"] is not None:
                group.hurry.set()
            self._send_soon(group)

    def _send_soon(self, group: Group) -> None:
        if group.events and group.opening is None and group.sending is None:
            group.sending = self.tasks.spawn(self._send(group))

    async def _send(self, group: Group) -> None:
        try:
            while group.events:
                await self.pause(group)
                events, group.events = group.events, []
                try:
                    html = await self._in_order(group, events)
                except Exception:
                    # The database is away: what has come is kept for the next event or check.
                    group.events[:0] = events
                    raise
                if html:
                    # Whoever joins from here on has been brought up to this `seq`, or will be.
                    group.sent_at = asyncio.get_running_loop().time()
                    await self.fan_out(group.pages(), html)
                group.sent = group.seq
                if group.programs:
                    group.sent_at = asyncio.get_running_loop().time()
                    await self._tell(group)
        finally:
            group.sending = None

    async def _tell(self, group: Group) -> None:
        """Send a group's programs what they lack: read once for all of them, and encoded once."""
        while group.programs and group.told is not None and group.seq is not None and group.told < group.seq:
            data = await in_database(streams.data)(group.name, group.told)
            # What has been deleted meanwhile has nothing to tell, however far it had come.
            group.told = data.seq if data.seq > group.told else group.seq
            frames, programs = frames_of(group.name, data.entries), tuple(group.programs)
            for frame in frames:
                await self.each(programs, partial(Program.tell, frame=frame))
            group.heard = group.told

    async def pause(self, group: Group) -> None:
        """Let events gather, if a frame went out a moment ago: in a large group, and while none of them has HTML."""
        if all(event["html"] is None for event in group.events) and (left := self._left(group, SOON_SECONDS)):
            group.hurry = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(group.hurry.wait(), left)
            group.hurry = None
        if len(group.sockets) >= MANY and (left := self._left(group, PAUSE_SECONDS)):
            await asyncio.sleep(left)

    def _left(self, group: Group, pause: float) -> float:
        return max(0.0, group.sent_at + pause - asyncio.get_running_loop().time())

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
            elif seq > top and len(group.programs) == len(group.sockets):
                # It is theirs to read, and as data.
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

    async def each(self, sockets: Iterable[Any], send: Callable[[Any], None]) -> None:
        """Call `send` with each socket, and let others have their turn in between."""
        for number, socket in enumerate(sockets, start=1):
            send(socket)
            if number % SENDS_BEFORE_YIELD == 0:
                await asyncio.sleep(0)
