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
import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from notifications import metrics, rights, streams
from notifications.close_codes import CloseCode
from notifications.push import CONTROL_GROUP
from notifications.sockets import Socket
from notifications.subscriptions import Event, Subscriptions

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
"""Between two comparisons with the tops of the streams."""
GRACE_SECONDS = 0.3
"""How long after its commit an event may be on its way before it counts as lost."""
RECHECK_SECONDS = 20.0
"""Between two looks at everybody's rights: their changes are announced, but an announcement can be lost."""
BEAT_SECONDS = 25.0
"""Between two frames that say nothing new: a page that hears none of them knows that its connection is lost."""
SOCKETS_PER_USER = 20
SENDS_BEFORE_YIELD = 100
BATCH = 500

# By default all database work of sockets would share one thread, and a thousand pages that come back would queue there.
_readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="relay")
in_database = partial(database_sync_to_async, thread_sensitive=False, executor=_readers)


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

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.users: dict[int, set[Socket]] = {}
        self.subscriptions = Subscriptions(self.receive_event, self._is_wanted)
        self.recheck_lock = asyncio.Lock()
        self.checking: asyncio.Task[None] | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    # Joining and leaving

    async def add(self, socket: Socket, after: int) -> None:
        """Authorise the socket, join its groups, replay what its page lacks, and keep it up to date from then on."""
        sockets = self.users.setdefault(socket.user_pk, set())
        sockets.add(socket)
        metrics.sockets.inc()
        if len(sockets) > SOCKETS_PER_USER:
            self.close(socket, CloseCode.TOO_MANY)
            return
        try:
            verdict = (await in_database(rights.of_streams)([socket], CloseCode.NOT_FOUND))[socket]
            if isinstance(verdict, CloseCode):
                self.close(socket, verdict)
                return
            # In this order nothing falls between: what commits before the join is replayed, what comes after is live.
            await self.join(socket, verdict)
            html = await in_database(streams.catch_up)(socket.stream, after)
        except BaseException:
            self.remove(socket)
            raise
        if not socket.closed:
            socket.release(html)

    def remove(self, socket: Socket) -> None:
        """Forget a socket whose connection is gone or about to go."""
        socket.closed = True
        self.leave(socket, set(socket.groups))
        sockets = self.users.get(socket.user_pk, set())
        if socket in sockets:
            sockets.remove(socket)
            metrics.sockets.dec()
            if not sockets:
                del self.users[socket.user_pk]

    def close(self, socket: Socket, code: CloseCode) -> None:
        """Close a socket; it receives nothing more from this moment on."""
        socket.close(code)
        self.remove(socket)

    async def join(self, socket: Socket, names: Collection[str]) -> None:
        """Put the socket into these groups, and return when this process receives their events."""
        self._check_from_now_on()
        fresh = []
        for name in names:
            if name not in self.groups:
                fresh.append(self.groups.setdefault(name, Group(name)))
            self.groups[name].sockets.add(socket)
        socket.groups |= set(names)
        if fresh:
            opening = self._spawn(self._open(fresh))
            for group in fresh:
                group.opening = opening
        # Shielded: other sockets wait for the same opening, and this one's page may leave at any moment.
        await asyncio.gather(*{asyncio.shield(o) for name in names if (o := self.groups[name].opening)})

    def leave(self, socket: Socket, names: Collection[str]) -> None:
        """Take the socket out of these groups."""
        socket.groups -= set(names)
        for name in names:
            group = self.groups[name]
            group.sockets.discard(socket)
            if not group.sockets:
                del self.groups[name]
                self._spawn(self.subscriptions.discard(name))

    async def _open(self, groups: Collection[Group]) -> None:
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

    # Receiving

    def _is_wanted(self, name: str) -> bool:
        return name == CONTROL_GROUP or name in self.groups

    def receive_event(self, event: Event) -> None:
        """Take in one event of the channel layer."""
        if event["group"] == CONTROL_GROUP:
            group = self.groups.get(event["of_group"])
            of_users = [socket for pk in event["user_pks"] for socket in self.users.get(pk, ())]
            self._spawn(self._recheck([*of_users, *(group.sockets if group else ())]))
        elif group := self.groups.get(event["group"]):
            group.events.append(event)
            self._send_soon(group)

    # Sending

    def _send_soon(self, group: Group) -> None:
        if group.events and group.opening is None and group.sending is None:
            group.sending = self._spawn(self._send(group))

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
                    await self._fan_out(tuple(group.sockets), html)
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
                metrics.heals.labels("check" if event["html"] is None else "gap").inc()
        # Only now: had the database failed, the next check would begin where the pages still are.
        group.seq = top
        if parts and top is not None:
            parts.append(streams.cursor(group.name, top))
        return "".join(parts)

    async def _fan_out(self, sockets: Collection[Socket], html: str) -> None:
        message = {"type": "websocket.send", "text": html}
        for number, socket in enumerate(sockets, start=1):
            socket.offer(message)
            if number % SENDS_BEFORE_YIELD == 0:
                await asyncio.sleep(0)

    # Checking itself

    async def _check(self) -> None:
        rechecked_at = beaten_at = time.monotonic()
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                if missing := {CONTROL_GROUP, *self.groups} - self.subscriptions.taken:
                    await self.subscriptions.add(missing)
                await self._find_gaps()
                if time.monotonic() - rechecked_at > RECHECK_SECONDS:
                    rechecked_at = time.monotonic()
                    await self._recheck([socket for sockets in self.users.values() for socket in sockets])
                if time.monotonic() - beaten_at > BEAT_SECONDS:
                    beaten_at = time.monotonic()
                    await self._beat()
            except Exception:
                logger.exception("The relay's check failed; it is tried again")

    async def _find_gaps(self) -> None:
        tops = await in_database(streams.tops)(list(self.groups))
        await asyncio.sleep(GRACE_SECONDS)
        for name, top in tops.items():
            group = self.groups.get(name)
            if group and group.seq is not None and top > group.seq:
                group.events.append({"group": name, "seq": top, "html": None})
                self._send_soon(group)

    async def _beat(self) -> None:
        # Browsers do not tell pages of pings, and a connection that was lost without a word looks like a quiet one.
        streams_of_sockets = {socket.stream for sockets in self.users.values() for socket in sockets}
        for group in [self.groups[name] for name in streams_of_sockets if name in self.groups]:
            own = [socket for socket in group.sockets if socket.stream == group.name]
            await self._fan_out(own, streams.cursor(group.name, group.seq or 0))

    async def _recheck(self, sockets: Collection[Socket]) -> None:
        sockets = [socket for socket in sockets if not socket.closed]
        for start in range(0, len(sockets), BATCH):
            # One after the other: an older verdict must not be carried out after a newer one.
            async with self.recheck_lock:
                verdicts = await in_database(rights.of_open)(sockets[start : start + BATCH])
                for socket, verdict in verdicts.items():
                    await self._carry_out(socket, verdict)

    async def _carry_out(self, socket: Socket, verdict: rights.Verdict) -> None:
        if socket.closed:
            return
        if isinstance(verdict, CloseCode):
            self.close(socket, verdict)
            return
        self.leave(socket, socket.groups - verdict)
        if fresh := verdict - socket.groups:
            await self.join(socket, fresh)
            group = self.groups.get(socket.stream)
            html = await in_database(streams.catch_up)(socket.stream, (group and group.seq) or 0)
            # What was said in the new groups before this process joined them.
            socket.offer({"type": "websocket.send", "text": html})

    # Tasks

    def _check_from_now_on(self) -> None:
        if self.checking is None:
            self.checking = self._spawn(self._check())

    def _spawn(self, coroutine: Any) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        # The loop itself keeps only weak references to its tasks.
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A task of the relay failed", exc_info=error)


_relays: WeakKeyDictionary[asyncio.AbstractEventLoop, Relay] = WeakKeyDictionary()


def current() -> Relay:
    """Return the relay of the running event loop: a server process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _relays:
        _relays[loop] = Relay()
    return _relays[loop]
