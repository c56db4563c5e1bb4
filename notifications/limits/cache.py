"""A cache that all processes share, for as long as there is a Redis to share it by."""

from functools import lru_cache, partial
from threading import Lock
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from notifications import metrics
from notifications.breaker import Breaker

_OWN_SECONDS = 3600
_putting = Lock()
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

    def count(self, key: str, times: int, seconds: int) -> int:
        """Count so many more of what is forgotten after some seconds, and return how many that makes: in one trip."""
        return int(self._cache.count(self.make_and_validate_key(key), times, seconds))  # type: ignore[attr-defined]

    def fields(self, key: str, *names: str) -> dict[str, str]:
        """Return the fields that there are of what is kept by this key: all, or those of these names."""
        return dict(self._cache.fields(self.make_and_validate_key(key), *names))  # type: ignore[attr-defined]

    def put_field(self, key: str, name: str, value: str, seconds: int) -> str | None:
        """Put a field, keep all of the key for so long from now on, and return what the field was before."""
        before: str | None = self._cache.put_field(  # type: ignore[attr-defined]
            self.make_and_validate_key(key), name, value, seconds
        )
        return before

    def drop_fields(self, key: str, *names: str) -> None:
        """Take fields of these names away."""
        if names:
            self._cache.drop_fields(self.make_and_validate_key(key), *names)  # type: ignore[attr-defined]


class _Redis(RedisCacheClient):
    def count(self, key: str, times: int, seconds: int) -> int:
        with self.get_client(key, write=True).pipeline(transaction=False) as pipeline:
            pipeline.set(key, 0, ex=seconds, nx=True)
            pipeline.incrby(key, times)
            return int(pipeline.execute()[-1])

    def fields(self, key: str, *names: str) -> dict[str, str]:
        client = self.get_client(key)
        found = dict(zip(names, client.hmget(key, names), strict=True)) if names else client.hgetall(key)
        return {_text(name): _text(value) for name, value in found.items() if value is not None}

    def put_field(self, key: str, name: str, value: str, seconds: int) -> str | None:
        with self.get_client(key, write=True).pipeline() as pipeline:
            pipeline.hget(key, name)
            pipeline.hset(key, name, value)
            pipeline.expire(key, seconds)
            before = pipeline.execute()[0]
        return None if before is None else _text(before)

    def drop_fields(self, key: str, *names: str) -> None:
        self.get_client(key, write=True).hdel(key, *names)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class _Own(LocMemCache):
    def count(self, key: str, times: int, seconds: int) -> int:
        self.add(key, 0, seconds)
        return self.incr(key, times)

    def fields(self, key: str, *names: str) -> dict[str, str]:
        found: dict[str, str] = self.get(key, {})
        return {name: value for name, value in found.items() if not names or name in names}

    def put_field(self, key: str, name: str, value: str, seconds: int) -> str | None:
        with _putting:
            found = self.fields(key)
            self.set(key, {**found, name: value}, seconds)
        return found.get(name)

    def drop_fields(self, key: str, *names: str) -> None:
        with _putting:
            found = self.fields(key)
            if kept := {name: value for name, value in found.items() if name not in names}:
                self.set(key, kept, _OWN_SECONDS)
            else:
                self.delete(key)


class _Client:
    def __init__(self, server: str, **options: Any) -> None:
        self.redis = _Redis([server], serializer="django.core.signing.JSONSerializer", **options)
        self.own = _Own("shared", {})

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
