"""Sweeps: what periodic tasks do with each of the rows that they find."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

logger = logging.getLogger(__name__)

Row = TypeVar("Row")


def each(found: Iterable[Row], do: Callable[[Row], object]) -> None:
    """Do it with each of them; one with which it fails is logged, and does not hold up the others."""
    for row in found:
        try:
            do(row)
        except Exception:
            logger.exception("%s failed for %r", getattr(do, "__name__", do), row)
