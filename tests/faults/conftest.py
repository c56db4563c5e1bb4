"""What all fault tests share: the `faults` marker, and running sites, each kept for the tests that want its kind."""

import os
import random
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.faults.registry import ANY
from tests.faults.site import Site

HERE = Path(__file__).parent
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(1, 1 << 31))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark everything in this directory, and have the tests of one kind of site follow each other in one process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.xdist_group(kind_of_site(item)))
    yield
    items.sort(key=lambda item: kind_of_site(item) if HERE in item.path.parents else "")


def kind_of_site(item: pytest.Item) -> str:
    """Return a name for the site that a test wants; tests that want none share one too."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return str(parameters.get("site", ANY if "site" in getattr(item, "fixturenames", ()) else "none"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test the end of what its site printed."""
    report = yield
    site = getattr(item, "funcargs", {}).get("site")
    if report.failed and site:
        report.sections.append(("the end of what the site printed", site.log[-4000:]))
    return report


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site of the kind that the test asks for; the plain one if it does not.

    It asks by an indirect parameter with `scope="session"`: without that, each test would have a site of its own.
    """
    spec = getattr(request, "param", ANY)
    with Site(tmp_path_factory.mktemp("site"), spec) as running:
        yield running


@pytest.fixture(autouse=True)
def whole(request: pytest.FixtureRequest) -> None:
    """Begin each test with a site that can serve, whatever the test before has done to it."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site").wait_until_ready()


@pytest.fixture
def seed() -> int:
    """The seed of this run; `FAULT_SEED` repeats one."""
    return SEED
