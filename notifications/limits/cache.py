"""A cache that all processes share, for as long as there is a Redis to share it by."""

from functools import lru_cache, partial
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from notifications import metrics
from notifications.breaker import Breaker

_breaker = Breaker("The shared cache is away, each process keeps its own", metrics.cache_failed)


class SharedCache(RedisCache):
    """Django's Redis cache; while Redis is away or hung, what this process alone knows, with no error.

    `socket_timeout` and `socket_connect_timeout` among its `OPTIONS` bound the wait, in seconds. What it keeps is JSON:
    whoever can write to Redis must not be able to run code.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        # Each request has a cache object of its own; the connections are for all of them.
        self._cache = _client(server, tuple(sorted(params.get("OPTIONS", {}).items())))


class _Client:
    def __init__(self, server: str, **options: Any) -> None:
        self.redis = RedisCacheClient([server], serializer="django.core.signing.JSONSerializer", **options)
        self.own = LocMemCache("shared", {})

    def __getattr__(self, operation: str) -> Any:
        return partial(self._ask, operation)

    def _ask(self, operation: str, *args: Any) -> Any:
        answers: list[Any] = []
        if _breaker.call(lambda: answers.append(getattr(self.redis, operation)(*args))):
            return answers[0]
        else:
            return getattr(self.own, operation)(*args)


@lru_cache
def _client(server: str, options: tuple[tuple[str, Any], ...]) -> Any:
    return _Client(server, **dict(options))
