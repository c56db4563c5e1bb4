"""This process's one channel in the channel layer, and the groups it is in."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

LAYER_TIMEOUT = 1.0
"""Seconds to wait for Redis to take a subscription."""

Event = dict[str, Any]


class Subscriptions:
    """Joins and leaves groups on behalf of all sockets, and hands on every event once.

    `is_wanted` says whether a group is wanted at this moment: joining and leaving wait for Redis, and meanwhile the
    last socket may have gone or a new one have come.
    """

    def __init__(self, receive: Callable[[Event], None], is_wanted: Callable[[str], bool]) -> None:
        self.receive = receive
        self.is_wanted = is_wanted
        self.taken: set[str] = set()
        self.channel: str | None = None
        self.receiving: asyncio.Task[None] | None = None
        self.lock = asyncio.Lock()
        self.redis_is_away = False

    async def add(self, names: Iterable[str]) -> None:
        """Join the groups that are wanted and not joined yet; what Redis does not take is left to the next call."""
        layer: Any = get_channel_layer()
        async with self.lock:
            try:
                if self.channel is None:
                    self.channel = await layer.new_channel("relay")
                    self.receiving = asyncio.create_task(self._receive(self.channel))
                for name in names:
                    if self.is_wanted(name) and name not in self.taken:
                        async with asyncio.timeout(LAYER_TIMEOUT):
                            await layer.group_add(name, self.channel)
                        self.taken.add(name)
            except Exception as error:
                self._note_redis(error)
            else:
                self._note_redis(None)

    async def discard(self, name: str) -> None:
        """Leave a group that is not wanted any more."""
        layer: Any = get_channel_layer()
        async with self.lock:
            if name in self.taken and not self.is_wanted(name):
                self.taken.remove(name)
                try:
                    async with asyncio.timeout(LAYER_TIMEOUT):
                        await layer.group_discard(name, self.channel)
                except Exception as error:
                    # It goes on receiving what nobody here wants, until the connection is made anew.
                    logger.info("Redis did not end a subscription: %r", error)

    async def _receive(self, channel: str) -> None:
        layer: Any = get_channel_layer()
        while True:
            try:
                self.receive(await layer.receive(channel))
            except Exception:
                logger.exception("An event could not be read; what it said comes from the database")

    def _note_redis(self, error: Exception | None) -> None:
        # One line for each outage, not one for each try.
        if error and not self.redis_is_away:
            logger.warning("Redis takes no subscriptions, pages are served from the database: %r", error)
        elif self.redis_is_away and not error:
            logger.info("Redis is back.")
        self.redis_is_away = error is not None
