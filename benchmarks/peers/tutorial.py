"""The classic Channels tutorials as ASGI applications, sync and async: every socket its own channel in the layer.

`PEER=tutorial` is the synchronous consumer on RedisChannelLayer, `PEER=async` the asynchronous one on the Pub/Sub
layer.
"""

import os

import django
from asgiref.sync import async_to_sync
from django.conf import settings

BACKENDS = {
    "tutorial": "channels_redis.core.RedisChannelLayer",
    "async": "channels_redis.pubsub.RedisPubSubChannelLayer",
}
HOST = {"address": os.environ["BENCH_REDIS_URL"]}

settings.configure(
    SECRET_KEY="benchmark",
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": BACKENDS[os.environ["PEER"]], "CONFIG": {"hosts": [HOST]}}},
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer
from channels.routing import ProtocolTypeRouter


class Tutorial(WebsocketConsumer):
    """The consumer of the tutorial's second part."""

    def connect(self) -> None:
        async_to_sync(self.channel_layer.group_add)("bench", self.channel_name)
        self.accept()

    def disconnect(self, code: int) -> None:
        async_to_sync(self.channel_layer.group_discard)("bench", self.channel_name)

    def chat_message(self, event: dict[str, str]) -> None:
        self.send(text_data=event["html"])


class Asynchronous(AsyncWebsocketConsumer):
    """The consumer of the tutorial's third part."""

    async def connect(self) -> None:
        await self.channel_layer.group_add("bench", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("bench", self.channel_name)

    async def chat_message(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["html"])


consumer = {"tutorial": Tutorial, "async": Asynchronous}[os.environ["PEER"]]
application = ProtocolTypeRouter({"websocket": consumer.as_asgi()})
