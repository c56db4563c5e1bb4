"""Limits: so many times in so many seconds, by the names that `settings.LIMITS` gives them.

    LIMITS = {"posts": "60/1m", "sign-ins of an address": "30/5m"}

Time is cut into windows, so at the border of two of them twice as many may pass. A limit of `0` times is none.
"""

from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_network
from math import ceil
from time import time
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import BaseForm

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

refusal: ContextVar["Limited | None"] = ContextVar("refusal", default=None)
"""Why the current request is answered "too many", if it is."""


class Quota(NamedTuple):
    """How much of a limit is left, and for how many seconds."""

    times: int
    left: int
    seconds: int


counted: ContextVar[list[Quota] | None] = ContextVar("counted", default=None)
"""What was counted for the current request, where somebody wants to know."""


class Limited(ValidationError):
    """Something was done too often; it may be tried again after `seconds`. In a form it is an error like others."""

    status = 429

    def __init__(self, seconds: float, text: str = "That was too often.") -> None:
        self.seconds = max(1, ceil(seconds))
        super().__init__(f"{text} Try again in {_in_words(self.seconds)}.", code="limited")
        refusal.set(self)


@dataclass(frozen=True)
class Limit:
    """So many `times` within so many `seconds`."""

    times: int
    seconds: int

    @classmethod
    def named(cls, name: str) -> Self:
        """Return what the settings have under a name, written as `20/5m` (units s, m, h, d); no limit if nothing."""
        times, _, period = getattr(settings, "LIMITS", {}).get(name, "0/1s").partition("/")
        return cls(int(times), int(period[:-1] or 1) * UNITS[period[-1]])


def take(name: str, *subject: Any, times: int = 1) -> None:
    """Count what somebody, or some address, does; raise Limited when that is past the limit of this name."""
    limit = Limit.named(name)
    now = time()
    if not limit.times:
        return
    count, seconds = (
        _counted(_key(name, subject, limit, now), times, limit.seconds),
        limit.seconds - now % limit.seconds,
    )
    if (found := counted.get()) is not None:
        found.append(Quota(limit.times, max(0, limit.times - count), ceil(seconds)))
    if count > limit.times:
        raise Limited(seconds)


def allowed(name: str, *subject: Any, times: int = 1, form: BaseForm | None = None) -> bool:
    """Count it, and return whether it is within the limit; if not, a form says so, and when to try again."""
    try:
        take(name, *subject, times=times)
    except Limited as error:
        if form is not None:
            form.add_error(None, error)
        return False
    return True


def give_back(name: str, *subject: Any, times: int = 1) -> None:
    """Take back what was counted, when it proves harmless."""
    with suppress(ValueError):  # Its window is over.
        cache.incr(_key(name, subject, Limit.named(name), time()), -times)


def network(address: str) -> str:
    """Return what counts as one address: of IPv6 a /64, of which one client has all."""
    try:
        return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
    except ValueError:
        return address


def digest(*parts: Any) -> str:
    """Return a part of a cache's key for what anybody may have typed."""
    return sha256(repr([str(part) for part in parts]).encode(errors="backslashreplace")).hexdigest()[:32]


def _counted(key: str, times: int, seconds: int) -> int:
    if hasattr(cache, "count"):  # The site's own can do it in one trip.
        return int(cache.count(key, times, seconds + 1))
    if cache.add(key, times, seconds + 1):
        return times
    try:
        return cache.incr(key, times)
    except ValueError:  # It ended in this moment.
        return times


def _key(name: str, subject: tuple[Any, ...], limit: Limit, now: float) -> str:
    return f"limit:{digest(name, *subject)}:{int(now // limit.seconds)}"


def _in_words(seconds: int) -> str:
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds > size:
            return f"{ceil(seconds / size)} {unit}s"
    return f"{seconds} second{'s' if seconds > 1 else ''}"
