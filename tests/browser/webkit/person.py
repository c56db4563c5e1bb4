"""Somebody's browser, WebKitGTK, driven by Selenium: what they do on the pages, and what they see there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Remote
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.pages import PASSWORD
from tests.live.stack import free_port, until

WINDOW = Path(__file__).with_name("window.py")
TEXTS = """return [...document.querySelectorAll(arguments[0])].filter((element) => element.checkVisibility())
    .map((element) => element.innerText.trim())"""
CONNECTED = """return document.querySelector("[ws-connect][data-connected]") !== null
    && document.querySelector("[ws-connect]:not([data-connected])") === null"""
HAS_FOCUS = "return document.activeElement?.matches(arguments[0]) ?? false"


class Person:
    """A window of somebody's own, at one address of the site."""

    def __init__(self, driver: Remote, site: str) -> None:
        self.driver, self.site = driver, site
        self.resize(1280, 720)

    def sign_in(self, name: str) -> None:
        """Sign in by the form."""
        self.go("/accounts/login/")
        self.find("[name=login], [name=username]").send_keys(name)
        self.find("[name=password]").send_keys(PASSWORD + Keys.ENTER)
        until(lambda: self.texts("nav"))

    def go(self, path: str) -> None:
        """Open a page."""
        self.driver.get(f"{self.site}{path}")

    def open(self, path: str) -> None:
        """Open a page and wait until it is connected."""
        self.go(path)
        self.wait_until_connected()

    def wait_until_connected(self) -> None:
        """Wait until every stream of the page is connected and has caught up."""
        until(lambda: self.ask(CONNECTED))

    def ask(self, script: str, *about: object) -> Any:
        """Return what a script says of the page."""
        return self.driver.execute_script(script, *about)

    def find(self, selector: str) -> WebElement:
        """Wait for an element, and return the first."""
        until(lambda: self.driver.find_elements(By.CSS_SELECTOR, selector))
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str = "#messages .message-body") -> list[str]:
        """Return the texts of elements as they are seen; without a selector, of the messages."""
        texts: list[str] = self.ask(TEXTS, selector)
        return texts

    def expect(self, *texts: str) -> None:
        """Wait until the page shows exactly these messages in this order."""
        until(lambda: self.texts() == list(texts))

    def write(self, *keys: str) -> None:
        """Press keys in the composer."""
        self.find("#composer textarea").send_keys(*keys)

    def has_focus(self, selector: str) -> bool:
        """Return whether such an element has the focus."""
        return bool(self.ask(HAS_FOCUS, selector))

    def faults(self) -> str:
        """Return, and forget, which scripts have failed and what the security policy has refused."""
        said = str(self.ask("return sessionStorage.faults ?? ''"))
        self.ask("sessionStorage.removeItem('faults')")
        return said

    def resize(self, width: int, height: int) -> None:
        """Give the window's inside this size."""
        self.driver.set_window_rect(0, 0, width, height)
        until(lambda: self.ask("return innerWidth") == width)


@contextmanager
def browser(display: str, data: Path, scripts: str = "on") -> Iterator[Remote]:
    """Start a driver and its one browser, on this display and with an empty directory for its data."""
    about = {"DISPLAY": display, "WEBKIT_DATA": str(data), "WEBKIT_SCRIPTS": scripts}
    service = Service(shutil.which("WebKitWebDriver"), free_port(), env={**os.environ, **about})
    options = Options()
    options.binary_location = str(WINDOW)
    options.set_capability("browserName", "bellwire-window")
    service.start()
    # Selenium's own way from a service to a driver warns of what it does itself.
    driver = Remote(RemoteConnection(client_config=ClientConfig(service.service_url)), options=options)
    yield driver
    driver.quit()
    service.stop()
