"""What is pushed to lists of chats is measured for a person in a few chats and for one in more."""

import pytest

from benchmarks.sidebar import DEEDS
from tests.bench.command import bench


@pytest.mark.live
def test_pushes_are_measured_for_lists_of_two_sizes() -> None:
    said = bench("sidebar", "--chats", "3,40", "--times", "3", "--databases", "sqlite")
    assert [row["chats"] for row in said.results] == [3] * len(DEEDS) + [40] * len(DEEDS)
    queries = {(row["push"], row["chats"]): row["queries"] for row in said.results}
    assert all(queries[deed, 3] == queries[deed, 40] for deed in DEEDS)
    assert sum(line.startswith("sqlite: ") for line in said.table) == len(DEEDS)
