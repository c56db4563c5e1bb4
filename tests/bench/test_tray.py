"""The tray is measured with few and with many notifications, on a small scale."""

import pytest

from tests.bench.command import bench


@pytest.mark.live
def test_the_tray_is_opened_again_and_again() -> None:
    said = bench("tray", "--notifications", "3,30", "--times", "3", "--databases", "sqlite")
    assert [row["notifications"] for row in said.results] == [3, 30]
    for row in said.results:
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["cpu_ms"] > 0
    assert len({row["queries"] for row in said.results}) == 1
    assert any(line.startswith("sqlite: the tray opens in ") for line in said.table)
