"""A chat's page is measured cold and warm, here and against another checkout, on a small scale."""

import subprocess
import sys

import pytest

from benchmarks.page import verdicts
from project import paths
from tests.bench.command import bench

SMALL = ["--chats", "2", "--times", "2", "--starts", "1"]
ROWS = [
    *[(what, state) for what in ("open", "scroll back", "catch up") for state in ("cold", "warm")],
    ("post", "warm"),
    ("open", "first"),
    ("post", "first"),
]


@pytest.mark.live
def test_a_chat_is_opened_scrolled_back_caught_up_with_and_posted_in() -> None:
    rows = bench("page", *SMALL).results
    assert [(row["what"], row["state"]) for row in rows] == ROWS
    for row in rows:
        assert row["p50_ms"] > 0
        assert row["queries"] > 0
        assert bool(row["bytes"]) == (row["what"] != "post")


@pytest.mark.live
def test_a_checkout_is_compared_with_another() -> None:
    command = [sys.executable, "-m", "benchmarks", "--against", ".", "page", *SMALL]
    done = subprocess.run(command, cwd=paths.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.startswith("database")
    assert [line.split("  ")[0] for line in lines] == ["sqlite"] * len(ROWS)
    assert all(line.split()[-3].endswith("x") for line in lines), "how many times the other's it is"


def test_the_verdict_compares_the_first_with_later_ones() -> None:
    row = {"database": "sqlite", "what": "open"}
    (line,) = verdicts([row | {"state": "warm", "p50_ms": 10}, row | {"state": "first", "p50_ms": 25}])
    assert "the first open of a process takes 2.5 times a later one" in line
    assert "MISSED" in line
