"""How late webhooks are is measured, with receivers that hang and without."""

import pytest

from tests.bench.command import bench


@pytest.mark.live
def test_all_is_heard_while_some_hang() -> None:
    said = bench("webhooks", "--hooks", "10", "--hanging", "2", "--messages", "3", "--every", "0.3")
    quiet, hanging = said.results
    assert (quiet["hanging"], quiet["heard"]) == (0, 30)
    assert (hanging["hanging"], hanging["heard"]) == (2, 24)
    assert 0 < hanging["late_p50_ms"] <= hanging["late_max_ms"]
    assert len([line for line in said.table if line.startswith("sqlite: ")]) == 1
