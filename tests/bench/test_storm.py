"""The storm command breaks a site and says what its pages show, on a small scale."""

import argparse

import pytest

from benchmarks import storm
from tests.bench.command import bench


@pytest.mark.live
def test_storm_says_what_was_lost() -> None:
    said = bench("storm", "--faults", "F5", "--size", "ordinary", "--seed", "7")
    (row,) = said.results
    assert (row["fault"], row["seed"], row["messages"]) == ("F5", 7, 20)
    assert (row["lost"], row["dup"], row["inversions"], row["leak"], row["problems"]) == (0, 0, 0, 0, [])
    assert row["worst_ms"] > 0
    assert any("seed=7 lost=0 dup=0 inv=0 leak=0 of 20" in line for line in said.table)


@pytest.mark.parametrize(("url", "why"), [("", "TEST_DATABASE_URL"), ("postgres://postgres@127.0.0.1:1/", "refused")])
def test_a_database_that_does_not_answer_is_refused(url: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    with pytest.raises(SystemExit, match=f"^postgresql cannot be used: .*{why}"):
        next(storm.run(argparse.Namespace(database="postgresql", faults=["F5"])))
