"""What all browser stories share: the `browser` marker, one running Bellwire, one browser, and people in it."""

from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, StorageState, expect

from tests.browser.engine import IS_FIREFOX, Open, engine
from tests.browser.pages import sign_in
from tests.browser.people import is_quiet
from tests.browser.proxy import Proxy
from tests.docs import example
from tests.live.stack import UNLIMITED, Stack, common, copy_code, made_once, until

HERE = Path(__file__).parent
expect.set_options(timeout=10_000)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this directory as a browser test, and leave out what another engine has no means for."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if IS_FIREFOX and (only := item.get_closest_marker("chromium_only")):
                item.add_marker(pytest.mark.skip(reason=f"Chromium only: {only.args[0]}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed story what its Bellwire printed."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack:
        report.sections.append(("the end of what Bellwire printed", stack.log[-3000:]))
    return report


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Bellwire with its demo people, and the developers' worked example for an app beside it."""
    code = made_once(common(tmp_path_factory) / "bellwire", lambda path: example.install(copy_code(path)))
    with Stack(code, tmp_path_factory.mktemp("state") / "var", LIMITS=UNLIMITED, **example.ENVIRONMENT) as running:
        yield running


@pytest.fixture(scope="session")
def open_context() -> Iterator[Open]:
    """What opens a window of somebody's own, with Playwright's options for it."""
    with engine() as open_context:
        yield open_context


@pytest.fixture
def proxy(stack: Stack) -> Iterator[Proxy]:
    """A network that can fail, between a browser and the site."""
    proxy = Proxy(urlsplit(stack.url).port or 80)
    yield proxy
    proxy.close()


@pytest.fixture
def errors() -> list[str]:
    """What the consoles of all open pages have reported as errors."""
    return []


@pytest.fixture(scope="session")
def session_of(open_context: Open, stack: Stack) -> Callable[[str], StorageState]:
    """Return somebody's cookies; they sign in once for all stories, so a story that signs out signs in by itself."""

    @cache
    def session(name: str) -> StorageState:
        context = open_context(base_url=stack.url)
        page = context.new_page()
        page.goto("/accounts/login/")
        sign_in(page, name)
        state = context.storage_state()
        context.close()
        return state

    return session


@pytest.fixture
def person(
    open_context: Open, stack: Stack, session_of: Callable[[str], StorageState], errors: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open a browser of somebody's own: `person("bob")` returns their page, signed in; without a name, nobody is.

    In whatever story, no script may fail and no page may do what its content security policy forbids.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def note(kind: str, text: str) -> None:
        if kind == "error":
            errors.append(text)
        if "Content Security Policy" in text:
            faults.append(text)

    def note_fault(text: str) -> None:
        # What drives Firefox takes a connection that is refused or cut for a script's fault.
        if not (IS_FIREFOX and " ws://" in text):
            faults.append(text)

    def open_browser(name: str | None = None, site: str = stack.url, **options: object) -> Page:
        # Cookies know no ports, so those of the site are good for a proxy too.
        state = session_of(name) if name else None
        context = open_context(base_url=site, storage_state=state, **options)
        contexts.append(context)
        context.on("weberror", lambda fault: note_fault(fault.error.stack or fault.error.message))
        context.on("console", lambda line: note(line.type, line.text))
        return context.new_page()

    yield open_browser
    for context in contexts:
        context.close()
    until(lambda: is_quiet(stack), timeout=40)
    assert not faults
