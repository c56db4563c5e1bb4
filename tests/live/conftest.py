"""What all live tests share: the `live` marker, and one running Bellwire on each of the web servers."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.docs import example
from tests.live.shop import Shop
from tests.live.stack import UNLIMITED, Stack, common, copy_code, made_once

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


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code that no `.env` steers, with the developers' worked example beside it."""
    return made_once(common(tmp_path_factory) / "bellwire", lambda path: example.install(copy_code(path)))


@pytest.fixture(scope="session", params=["uvicorn", "daphne"])
def stack(request: pytest.FixtureRequest, code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Bellwire with its demo people and the developers' worked example, shared by all live tests."""
    settings = {"SERVER": request.param, "LIMITS": UNLIMITED, **example.ENVIRONMENT}
    with Stack(code, tmp_path_factory.mktemp("state") / request.param, **settings) as running:
        yield running
