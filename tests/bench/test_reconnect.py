"""Everybody comes back with everything, on a small scale."""

import pytest

from tests.bench.command import bench


@pytest.mark.live
def test_all_sockets_come_back_whole() -> None:
    said = bench("reconnect", "--sockets", "40")
    kinds = [(row["stack"], row["kind"]) for row in said.results]
    assert kinds == [(stack, kind) for stack in ("bellwire-uvicorn", "bellwire-daphne") for kind in ("cut", "killed")]
    for row in said.results:
        assert (row["sockets"], row["back"], row["lost"]) == (40, 40, 0)
        assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["all_ms"]
        assert 0 < row["queries_per_socket"] < 20
        assert row["cpu_ms_per_socket"] > 0
