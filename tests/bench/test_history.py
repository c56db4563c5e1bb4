"""A short and a long chat are opened, turned and gone into; and posts among few people and many."""

import os

import pytest

from benchmarks.history import WHAT
from tests.bench.command import bench

DATABASES = ["sqlite", *(["postgresql"] if os.environ.get("TEST_DATABASE_URL") else [])]


@pytest.mark.live
@pytest.mark.parametrize("database", DATABASES)
def test_a_long_chat_is_measured_beside_a_short_one(database: str) -> None:
    said = bench("history", "--messages", "20,60", "--people", "4,12", "--times", "3", "--databases", database)
    *opened, few_people, many_people = said.results
    assert {row["what"] for row in opened} == WHAT.keys()
    assert [row["messages"] for row in opened] == [20] * 2 * len(WHAT) + [60] * 2 * len(WHAT)
    assert all(row["p50_ms"] > 0 for row in said.results)
    few, many = ([row["queries"] for row in opened if row["messages"] == count] for count in (20, 60))
    assert few == many
    assert [few_people["what"], few_people["people"], many_people["people"]] == ["post", 4, 12]
    assert few_people["queries"] == many_people["queries"]
    assert sum(line.startswith(f"{database}: ") for line in said.table) == 2 * len(WHAT) + 1
