"""What a push costs a real page is measured on a small scale."""

from tests.bench.command import bench


def test_a_push_is_measured_in_a_page_with_little_and_with_more() -> None:
    said = bench("browser", "--arrived", "5,20", "--messages", "5", "--burst", "10")
    assert [(row["arrived"], row["rate"], row["messages"]) for row in said.results] == [
        (5, 10, 5),
        (20, 10, 5),
        (25, "max", 10),
    ]
    # One message is there before any.
    assert [row["shown"] for row in said.results] == [11, 26, 36]
    for row in said.results:
        assert row["cpu_ms"] > row["script_ms"] > 0
        assert row["cpu_ms"] > row["layout_ms"] > 0
    assert len([line for line in said.table if "(at most" in line]) == 2
