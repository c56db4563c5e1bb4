"""What the stories in WebKitGTK share: a display without a screen, and two people in browsers of their own."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.browser.people import is_quiet
from tests.browser.webkit.person import Person, browser
from tests.live.stack import Stack, until

HAS_WINDOW = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')"
PACKAGES = "webkit2gtk-driver gir1.2-webkit2-4.1 python3-gi xvfb"


def is_here() -> bool:
    """Return whether this machine has WebKitGTK, its driver, and a display without a screen."""
    programs = all(shutil.which(name) for name in ("WebKitWebDriver", "Xvfb", "/usr/bin/python3"))
    return (
        programs
        and not subprocess.run(
            ["/usr/bin/python3", "-c", HAS_WINDOW], stderr=subprocess.DEVNULL, check=False
        ).returncode
    )


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A display on no screen; the stories are left out where there can be none."""
    if not is_here():
        assert os.environ.get("BELLWIRE_REQUIRE_WEBKIT") != "1", f"WebKitGTK lacks one of {PACKAGES}"
        pytest.skip(f"no WebKitGTK that can be driven (Debian: apt install {PACKAGES})")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1700x1300x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server, open(reader) as said:
        os.close(writer)
        yield f":{said.readline().strip()}"
        server.terminate()


@pytest.fixture(scope="module")
def window(display: str, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Person]]:
    """Open a window in a browser of its own; in other modules nobody may be looking at a page any more."""
    with ExitStack() as browsers:

        def window(scripts: str = "on") -> Person:
            data = tmp_path_factory.mktemp("webkit")
            return Person(browsers.enter_context(browser(display, data, scripts)), stack.url)

        yield window


@pytest.fixture(scope="module")
def pair(window: Callable[..., Person]) -> tuple[Person, Person]:
    """Two people who have signed in, once for all stories of a module."""
    people = window(), window()
    for person, name in zip(people, ("alice", "bob"), strict=True):
        person.sign_in(name)
    return people


@pytest.fixture
def people(pair: tuple[Person, Person], stack: Stack) -> Iterator[tuple[Person, Person]]:
    """Alice and bob; in whatever story, no script may fail and no page may do what its security policy forbids."""
    for person in pair:
        person.site = stack.url
        person.resize(1280, 720)
    yield pair
    until(lambda: is_quiet(stack), timeout=40)
    assert [person.faults() for person in pair] == ["", ""]
