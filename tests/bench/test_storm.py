"""The storm command breaks a site and says what its pages show, on a small scale."""

import pytest

from tests.bench.command import bench


@pytest.mark.live
def test_storm_says_what_was_lost() -> None:
    said = bench("storm", "--faults", "F5", "--size", "ordinary", "--seed", "7")
    (row,) = said.results
    assert (row["fault"], row["seed"], row["messages"]) == ("F5", 7, 40)
    assert (row["lost"], row["dup"], row["inversions"], row["leak"], row["problems"]) == (0, 0, 0, 0, [])
    assert row["worst_ms"] > 0
    assert any("seed=7 lost=0 dup=0 inv=0 leak=0 of 40" in line for line in said.table)
