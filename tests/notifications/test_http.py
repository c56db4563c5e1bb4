"""What views here are given and answer."""

import pytest

from notifications.http import whole_number


@pytest.mark.parametrize(
    ("value", "number"),
    [(None, None), ("", None), ("0", 0), ("7", 7), ("-1", None), ("x", None), ("9" * 30, None), ("²", None)],
)
def test_what_is_no_number_of_ours_is_none(value: str | None, number: int | None) -> None:
    assert whole_number(value) == number
