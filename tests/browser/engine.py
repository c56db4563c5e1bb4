"""The browser that the stories are told in: Chromium, or Firefox where the environment says BROWSER=firefox."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, sync_playwright

IS_FIREFOX = os.environ.get("BROWSER") == "firefox"
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FIREFOXES = ("firefox-esr", "firefox")
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--no-first-run"]
MOUSE, FINGER = 6, 1
"""How Firefox is told by what it is pointed at; without a screen it has nothing."""

Open = Callable[..., BrowserContext]


def program(names: Sequence[str]) -> str:
    """Return where the first of these programs is that this machine has."""
    found = [path for name in names if (path := shutil.which(name))]
    assert found, f"none of {', '.join(names)} on PATH"
    return found[0]


def launch_chromium(chromium: BrowserType, keeps_pages: bool) -> Browser:
    """Start the Chromium of this machine; rather the one without windows, which needs half the time.

    That one keeps only files for *Back*; a whole one can keep pages, as everybody's does.
    """
    # Chromium's sandbox refuses to run as root.
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.getuid() == 0 else ARGUMENTS
    if not keeps_pages:
        return chromium.launch(executable_path=program(CHROMIUMS), args=arguments)
    without = ["--disable-back-forward-cache"]
    return chromium.launch(executable_path=program(CHROMIUMS[::-1]), args=arguments, ignore_default_args=without)


def launch_firefox(firefox: BrowserType, pointer: int, is_dark: bool, text: int) -> Browser:
    """Start the Firefox of this machine, which knows only by its preferences what Chromium is told for each context."""
    preferences: dict[str, str | float | bool] = {
        "ui.primaryPointerCapabilities": pointer,
        "ui.allPointerCapabilities": pointer,
        "layout.css.prefers-color-scheme.content-override": 0 if is_dark else 1,
        "font.size.variable.x-western": text,
    }
    # By WebDriver BiDi; what Playwright calls Firefox else is a patched one of its own.
    return firefox.launch(channel="moz-firefox", executable_path=program(FIREFOXES), firefox_user_prefs=preferences)


@contextmanager
def engine() -> Iterator[Open]:
    """Yield what opens a window of somebody's own; the browsers for it are started when they are asked for."""
    with sync_playwright() as playwright, ExitStack() as browsers:

        @cache
        def browser(*about: Any) -> Browser:
            launched = (
                launch_firefox(playwright.firefox, *about)
                if IS_FIREFOX
                else launch_chromium(playwright.chromium, *about)
            )
            browsers.callback(launched.close)
            return launched

        def open_context(text: int = 16, keeps_pages: bool = False, **options: Any) -> BrowserContext:
            if not IS_FIREFOX:
                return browser(keeps_pages).new_context(**options)
            if not options.get("java_script_enabled", True):
                pytest.skip("Chromium only: what drives Firefox needs the page's scripts")
            pointer = FINGER if options.pop("has_touch", False) else MOUSE
            options.pop("is_mobile", None)
            is_dark = options.pop("color_scheme", "light") == "dark"
            return browser(pointer, is_dark, text).new_context(**options)

        yield open_context
