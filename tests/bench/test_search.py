"""Searches and posts are measured among few messages, on each database."""

import os

import pytest

from benchmarks.search import READERS, WHAT, WITH, WITHOUT
from tests.bench.command import bench

DATABASES = ["sqlite", *(["postgresql"] if os.environ.get("TEST_DATABASE_URL") else [])]


@pytest.mark.live
@pytest.mark.parametrize("database", DATABASES)
def test_each_search_is_measured_for_each_reader_and_a_post_beside_one_without_an_index(database: str) -> None:
    said = bench("search", "--messages", "600", "--times", "2", "--databases", database)
    *searches, indexed, plain = said.results
    assert [(row["what"], row["reads"]) for row in searches] == [(what, who) for what in WHAT for who in READERS]
    assert all(row["p50_ms"] > 0 and row["cpu_ms"] > 0 for row in said.results)
    assert [indexed["what"], plain["what"]] == [WITH, WITHOUT]
    assert indexed["queries"] == plain["queries"] + 1
    assert sum(line.startswith(f"{database}: ") for line in said.table) == 2
