"""Sending a process's pages away before it ends: they come back to another process, or to the next one."""

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any

from notifications import metrics
from notifications.relay import process
from notifications.relay.close_codes import CloseCode

SOCKETS_PER_SECOND = 200
LONGEST_SECONDS = 8.0
"""However many sockets there are, they are closed within this time."""

begun = threading.Event()
"""Set from the moment on at which this process is to end: nobody may be sent to it any more."""


async def drain() -> None:
    """Close all sockets of this event loop's relay, evenly spread: pages that come back at once are a burden."""
    begun.set()
    here = process.current().relay
    sockets = here.everybody()
    interval = min(1 / SOCKETS_PER_SECOND, LONGEST_SECONDS / max(len(sockets), 1))
    began = asyncio.get_running_loop().time()
    for number, socket in enumerate(sockets):
        if (wait := began + number * interval - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait)
        here.close(socket, CloseCode.SERVICE_RESTART)
    # Those whose handshake was under way when it began.
    for socket in here.everybody():
        here.close(socket, CloseCode.SERVICE_RESTART)


class TurnAwayWhileDraining:
    """Accepts a WebSocket and closes it once the drain has begun: a refusal would look like a network failure."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Awaitable[None]:
        # No coroutine of its own: that would cost memory for as long as each socket is open.
        if scope["type"] == "websocket" and begun.is_set():
            return _turn_away(receive, send)
        else:
            return self.application(scope, receive, send)


async def _turn_away(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    metrics.closes.labels(CloseCode.SERVICE_RESTART.name.lower()).inc()
    await send({"type": "websocket.close", "code": int(CloseCode.SERVICE_RESTART)})
    while (await receive())["type"] != "websocket.disconnect":
        pass
