"""Posts are measured while files are sent, and beside a quiet site."""

import pytest

from tests.bench.command import bench


@pytest.mark.live
def test_posts_are_answered_while_files_are_sent() -> None:
    said = bench("uploads", "--uploads", "2", "--megabytes", "3", "--seconds", "2")
    quiet, busy = said.results
    assert (quiet["uploads"], quiet["taken"]) == (0, 0)
    assert (busy["uploads"], busy["refused"]) == (2, 0)
    assert busy["taken"] >= 2
    assert len([line for line in said.table if line.startswith("sqlite: ")]) == 1
