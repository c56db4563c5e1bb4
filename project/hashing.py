"""Hashing passwords, which is slow on purpose: one at a time, so that it takes neither all cores nor all memory."""

import time
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from notifications.push import limits

MOST_AT_ONCE = 8
"""How many may hash or wait for their turn in one process: each of them keeps a thread that serves requests."""
BUSY_SECONDS = 5

REST = 3.0
"""For how many times as long as a hash took none is made: those who guess leave most of a core to the others, on any
machine, and the more of it the busier it is."""

_places = BoundedSemaphore(MOST_AT_ONCE)
_turn = Lock()
_next_turn = 0.0


class Busy(limits.Limited):
    """More people want a password hashed than can wait for it."""

    status = 503


def _in_turn(hashing: Callable[..., Any], *args: Any) -> Any:
    global _next_turn  # noqa: PLW0603 - there is one per process, as of the lock that guards it
    if not _places.acquire(blocking=False):
        raise Busy(BUSY_SECONDS, "Too many people are signing in at this moment.")
    try:
        with _turn:
            time.sleep(max(0.0, _next_turn - time.monotonic()))
            began = time.monotonic()
            try:
                return hashing(*args)
            finally:
                ended = time.monotonic()
                _next_turn = ended + REST * (ended - began)
    finally:
        _places.release()


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id on one lane, with the memory and the time that OWASP's Password Storage Cheat Sheet gives for that."""

    memory_cost = 46 * 1024  # KiB
    time_cost = 1
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return str(_in_turn(super().encode, password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        return bool(_in_turn(super().verify, password, encoded))


class PBKDF2Hasher(PBKDF2PasswordHasher):
    """What Django makes by itself, for accounts that were made elsewhere."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return str(_in_turn(super().encode, password, salt, iterations))
