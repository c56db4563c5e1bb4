"""A channel layer that loses, doubles and delays what it receives, by the dice."""

import asyncio
import json
import os
from pathlib import Path
from random import Random
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer


class LossyLoopLayer(RedisPubSubLoopLayer):
    """The real layer, after which each event meets its fate: the shares are read from the file that `LOSSES` names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file = Path(os.environ["LOSSES"])
        self.arrived: dict[str, asyncio.Queue[Any]] = {}
        self.pumps: list[asyncio.Task[None]] = []
        self.random: Random | None = None

    async def receive(self, channel: str) -> Any:
        """Return the next event that came through."""
        if channel not in self.arrived:
            self.arrived[channel] = asyncio.Queue()
            self.pumps.append(asyncio.create_task(self._pump(channel)))
        return await self.arrived[channel].get()

    async def _pump(self, channel: str) -> None:
        loop, arrived = asyncio.get_running_loop(), self.arrived[channel]
        while True:
            event = await super().receive(channel)
            shares = self._shares()
            self.random = self.random or Random(shares["seed"])
            if self.random.random() < shares["drop"]:
                continue
            for _ in range(2 if self.random.random() < shares["double"] else 1):
                if self.random.random() < shares["shuffle"]:
                    loop.call_later(self.random.uniform(0, 0.1), arrived.put_nowait, event)
                else:
                    arrived.put_nowait(event)

    def _shares(self) -> dict[str, float]:
        try:
            return dict(json.loads(self.file.read_text()))
        except FileNotFoundError:
            return {"drop": 0.0, "double": 0.0, "shuffle": 0.0, "seed": 0}


class LossyLayer(RedisPubSubChannelLayer):
    """Gives each event loop a lossy layer."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = LossyLoopLayer(*self._args, **self._kwargs, channel_layer=self)
        return self._layers[loop]
