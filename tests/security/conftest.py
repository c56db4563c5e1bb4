"""Attacks on a running Bellwire are made on the one that the live tests use."""

from pathlib import Path

import pytest

from tests.live.conftest import pytest_runtest_makereport

__all__ = ["pytest_runtest_makereport"]

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests of one running site follow each other in one process."""
    for item in items:
        is_alone = item.get_closest_marker("live") is None or item.get_closest_marker("xdist_group") is not None
        if HERE in item.path.parents and not is_alone:
            parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
            own = f"{item.path.name} {parameters.get('site', '')}"
            item.add_marker(pytest.mark.xdist_group(str(parameters.get("stack", own))))
