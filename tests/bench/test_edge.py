"""Posts of programs are measured beside those of forms, on a small scale."""

import pytest

from benchmarks.edge import verdicts
from tests.bench.command import bench


@pytest.mark.live
def test_both_ways_to_post_and_to_listen_are_measured_in_turn() -> None:
    few = ("--members", "4", "--users", "2", "--sockets", "3")
    said = bench("edge", *few, "--rounds", "1", "--seconds", "1", "--databases", "sqlite")
    assert [row["way"] for row in said.results] == ["form", "api", "pages", "programs"]
    assert [row["sockets"] for row in said.results] == [0, 0, 3, 3]
    for row in said.results:
        assert row["failed"] == 0
        assert row["posts_per_s"] > 0
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["cpu_ms_per_post"] > 0
    assert [line for line in said.table if line.startswith("sqlite: ") and "over the API" in line]
    assert [line for line in said.table if line.startswith("sqlite: ") and "to 3 programs" in line]


def test_the_verdict_compares_the_best_rounds() -> None:
    rows = [
        {"database": "sqlite", "way": way, "posts_per_s": rate}
        for way, rate in (("form", 90.0), ("api", 140.0), ("form", 100.0), ("api", 120.0))
    ]
    costs = (("pages", 9.0), ("programs", 12.0), ("pages", 10.0), ("programs", 10.0))
    rows += [{"database": "sqlite", "way": way, "sockets": 1000, "cpu_ms_per_post": cost} for way, cost in costs]
    posting, listening = verdicts(rows)
    assert "140 posts/s" in posting
    assert "1.40 times the 100 of forms" in posting
    assert "MISSED" in posting
    assert "to 1,000 programs costs 1.11 times" in listening
    assert "MISSED" in listening
