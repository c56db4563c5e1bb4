"""What all live tests share: the `live` marker, and who follows whom."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.live.shop import Shop
from tests.live.stack import Stack

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this directory, and have the tests of one running Bellwire follow each other."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)
            parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
            item.add_marker(pytest.mark.xdist_group(str(parameters.get("stack", item.path.name))))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test what the site printed that it uses."""
    report = yield
    for value in getattr(item, "funcargs", {}).values():
        has_begun = isinstance(value, Shop) or (isinstance(value, Stack) and value.log_file.exists())
        if report.failed and has_begun:
            report.sections.append(("what its processes printed", value.log))
    return report
