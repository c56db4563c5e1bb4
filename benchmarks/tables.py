"""How results are printed: a line for each as it comes, under a header."""

import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TextIO

Row = dict[str, Any]


class Column(NamedTuple):
    """A field of the results, and how it is printed."""

    key: str
    title: str
    format: Callable[[Any], str] = str
    width: int = 0


class Table:
    """Prints rows."""

    def __init__(self, columns: Iterable[Column], stream: TextIO = sys.stdout) -> None:
        self.columns = list(columns)
        self.stream = stream
        self._line(column.title for column in self.columns)

    def show(self, row: Row) -> None:
        """Print one result."""
        self._line(column.format(row[column.key]) for column in self.columns)

    def _line(self, cells: Iterable[str]) -> None:
        first, *others = zip(self.columns, cells, strict=True)
        line = [first[1].ljust(width(first[0])), *(cell.rjust(width(column)) for column, cell in others)]
        print("  ".join(line), file=self.stream, flush=True)


def width(column: Column) -> int:
    """Return how many characters a column takes."""
    return max(column.width, len(column.title))


def whole(value: float) -> str:
    """Write a count."""
    return f"{value:,.0f}"


def rate(value: int | str) -> str:
    """Write how often something is done: a number a second, or as often as it goes."""
    return value if isinstance(value, str) else f"{value:,}/s"


def tenths(value: float) -> str:
    """Write milliseconds and the like."""
    return f"{value:,.1f}"


def hundredths(value: float) -> str:
    """Write what is small."""
    return f"{value:,.2f}"


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share of them lies; 0 if there are none."""
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0


def numbers(text: str) -> list[int]:
    """Return the whole numbers in a list with commas."""
    return [int(part) for part in text.split(",")]
