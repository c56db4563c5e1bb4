"""Guessing passwords is measured by what others notice, on a small scale."""

import pytest

from benchmarks.doors import verdicts
from tests.bench.command import bench


@pytest.mark.live
def test_others_are_served_while_passwords_are_guessed() -> None:
    said = bench("doors", "--guessers", "3", "--seconds", "8", "--databases", "sqlite")
    quiet, *busy = said.results
    assert (quiet["guessers"], quiet["guesses_per_s"], quiet["refused_per_s"]) == (0, 0, 0)
    assert [(row["guessers"], row["addresses"]) for row in busy] == [(3, 1), (3, 3)]
    for row in said.results:
        assert min(row["page_p50_ms"], row["post_p50_ms"], row["health_p50_ms"], row["memory_mb"]) > 0
    for row in busy:
        assert row["guesses_per_s"] > 0
    assert len([line for line in said.table if "others wait" in line]) == 2


def test_the_verdict_compares_with_the_quiet_site() -> None:
    quiet = {"database": "sqlite", "guessers": 0, "page_p50_ms": 10.0, "post_p50_ms": 10.0, "memory_mb": 100}
    slow = {**quiet, "guessers": 64, "addresses": 64, "post_p50_ms": 16.0, "memory_mb": 251}
    (line,) = verdicts([quiet, slow])
    assert line == (
        "sqlite: with 64 who guess from 64 addresses others wait 1.60 times as long (at most 1.5 is MISSED),"
        " and the process takes +151 MB (at most +150 is MISSED)"
    )
    (line,) = verdicts([quiet, {**slow, "addresses": 1, "post_p50_ms": 14.0, "memory_mb": 190}])
    assert "MISSED" not in line
