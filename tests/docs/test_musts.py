"""What holds for clients as they are, as docs/integrations-live.md lists it, has the tests that it names."""

import re
from pathlib import Path

import pytest

from notifications.relay.close_codes import CloseCode

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/integrations-live.md").read_text().partition("## What holds for clients")[2]
ROWS = re.findall(r"^\| ([\d, ]+) \| (.*) \|(.*)\|$", TABLE, re.MULTILINE)
WITHOUT = {11, 12}
"""Those of web push."""


def numbers(cell: str) -> list[int]:
    return [int(number) for number in cell.split(", ")]


def test_all_fifteen_are_there() -> None:
    assert [number for cell, _, _ in ROWS for number in numbers(cell)] == list(range(1, 16))


@pytest.mark.parametrize(("cell", "tests"), [(cell, tests) for cell, _, tests in ROWS])
def test_each_has_tests_that_there_are(cell: str, tests: str) -> None:
    path = ""
    for named in re.findall(r"`([^`]*)::(\w+)`", tests):
        path = named[0] or path
        assert re.search(rf"^(async )?def {named[1]}\(", (ROOT / path).read_text(), re.MULTILINE), named
    assert bool(path) or "first of these" in tests or set(numbers(cell)) == WITHOUT


def test_all_codes_are_such_as_every_client_takes() -> None:
    assert all(4000 <= code < 5000 for code in CloseCode)
