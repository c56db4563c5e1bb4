"""The benchmark measures what it says it does, on a small scale."""

from pathlib import Path

import pytest

from tests.bench.command import bench

FIELDS = {
    "stack",
    "sockets",
    "rate",
    "deliveries_per_s",
    "cpu_us_per_delivery",
    "p50_ms",
    "p99_ms",
    "kb_per_socket",
    "connects_per_s",
    "lost",
}


@pytest.mark.live
def test_fanout_delivers_everything_and_says_so() -> None:
    said = bench("fanout", "--sockets", "20,40", "--rates", "20", "--seconds", "1", "--stacks", "bellwire-uvicorn")
    rows = said.results
    assert [(row["sockets"], row["rate"]) for row in rows] == [(20, 20), (20, "max"), (40, 20), (40, "max")]
    for row in rows:
        assert set(row) >= FIELDS
        assert row["lost"] == 0
        assert row["deliveries_per_s"] > 0
    assert said.versions["django"]
    header = next(number for number, line in enumerate(said.table) if line.startswith("stack "))
    lines = said.table[header + 1 :]
    assert [line.split()[:2] for line in lines] == [["bellwire-uvicorn", str(row["sockets"])] for row in rows]


@pytest.mark.live
def test_peers_that_are_not_installed_are_left_out_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = bench("fanout", "--sockets", "20", "--stacks", "bun,nchan")
    assert said.results == []
    assert [line.partition(":")[0] for line in said.table if "left out" in line] == ["bun", "nchan"]
