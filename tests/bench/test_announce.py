"""An announcement is measured from the first to the last of its people, on a small scale."""

import pytest

from benchmarks.announce import verdicts
from tests.bench.command import bench


@pytest.mark.live
def test_everybody_is_sent_it_once() -> None:
    said = bench("announce", "--people", "20,1200", "--databases", "sqlite")
    assert [(row["database"], row["people"]) for row in said.results] == [("sqlite", 20), ("sqlite", 1200)]
    for row in said.results:
        assert (row["missing"], row["doubled"]) == (0, 0)
        assert 0 < row["first_mb"] <= row["most_mb"]
    assert said.results[1]["cpu_us_per_person"] > 0
    assert any(line.startswith("sqlite: 1,200 people take ") for line in said.table)


def test_the_verdict_compares_the_most_people_with_the_fewest() -> None:
    rows = [{"database": "sqlite", "people": people, "most_mb": mb} for people, mb in ((100, 90), (9, 60), (10, 70))]
    (line,) = verdicts(rows)
    assert "100 people take 1.50 times the memory of 9" in line
    assert "MISSED" in line
