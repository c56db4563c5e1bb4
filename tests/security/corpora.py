"""The lists of `data/`: one a line; what begins with `#` is a remark."""

from pathlib import Path

DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[str]:
    """Return the lines of a list."""
    return [line for line in (DATA / f"{name}.txt").read_text().splitlines() if line and not line.startswith("#")]
