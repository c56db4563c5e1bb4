"""Pages are measured in a small site and in a larger one."""

import pytest

from tests.bench.command import bench


@pytest.mark.live
def test_pages_are_opened_in_sites_of_two_sizes() -> None:
    said = bench("many", "--members", "3,120", "--rooms", "3,70", "--times", "3", "--databases", "sqlite")
    pages = {row["page"] for row in said.results}
    assert [row["rooms"] for row in said.results] == [3] * len(pages) + [70] * len(pages)
    assert all(row["p50_ms"] > 0 and row["kb"] > 0 for row in said.results)
    assert sum(line.startswith("sqlite: ") for line in said.table) == len(pages)
