"""How many unfinished jobs of a task a person may have."""

from typing import NamedTuple


class TooMany(Exception):
    """A person has as many unfinished jobs of a task as they may; it says so in words for them."""


class Limit(NamedTuple):
    """So many at once, and what is said to those who ask for more."""

    at_once: int
    refusal: str


_limits: dict[str, Limit] = {}


def limit(task: str, at_once: int, refusal: str) -> None:
    """Let a person have so many unfinished jobs of the task of this name, and say so to those who ask for more."""
    _limits[task] = Limit(at_once, refusal)


def limit_of(task: str) -> Limit | None:
    """Return the limit of the task of this name, if it has one."""
    return _limits.get(task)
