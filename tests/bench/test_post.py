"""Posting is measured from the form to the last socket, on a small scale."""

import os

import pytest

from benchmarks.post import verdicts
from tests.bench.command import bench

DATABASES = ["sqlite", *(["postgresql"] if os.environ.get("TEST_DATABASE_URL") else [])]
SMALL = ["--sockets", "40", "--users", "4", "--seconds", "1"]


@pytest.mark.live
@pytest.mark.parametrize("database", DATABASES)
def test_every_post_reaches_every_socket(database: str) -> None:
    said = bench("post", *SMALL, "--members", "4,40", "--rates", "10,max", "--databases", database)
    rows = said.results
    assert [(row["members"], row["rate"]) for row in rows] == [(4, 10), (4, "max"), (40, 10), (40, "max")]
    for row in rows:
        assert (row["database"], row["sockets"]) == (database, 40)
        assert (row["failed"], row["lost"]) == (0, 0)
        assert 0 < row["post_p50_ms"] <= row["post_p99_ms"]
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["cpu_ms_per_post"] > 0
        # Of ten posts a worker's own second costs more than all that they could.
        if row["rate"] == "max":
            assert row["worker_cpu_ms_per_post"] < row["cpu_ms_per_post"], "nobody here is told: no post has a task"
    assert {row["posts"] for row in rows if row["rate"] == 10} == {10}
    assert len({row["queries_per_post"] for row in rows}) == 1
    assert [line for line in said.table if line.startswith(f"{database}, 10/s: a post among 40 members costs ")]


@pytest.mark.live
def test_a_database_that_does_not_answer_is_left_out() -> None:
    nowhere = ["--databases", "postgresql", "--database-url", "postgres://postgres@127.0.0.1:1/postgres"]
    said = bench("post", *SMALL, *nowhere)
    assert said.results == []
    assert [line for line in said.table if line.startswith("postgresql: left out, ")]


def test_the_verdict_compares_the_most_members_with_the_fewest() -> None:
    row = {"database": "sqlite", "rate": 20, "queries_per_post": 10, "worker_cpu_ms_per_post": 2.0}
    rows = [
        row | {"members": members, "cpu_ms_per_post": cost} for members, cost in ((100, 8), (1000, 9), (10_000, 18))
    ]
    (line,) = verdicts(rows)
    assert "10,000 members costs 2.00 times one among 100" in line
    assert "MISSED" in line
