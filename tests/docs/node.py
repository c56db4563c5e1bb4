"""Packages of npm for tests: installed once a run; without npm or a registry, what needs them is skipped."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.stack import common, made_once

PACKAGES = (
    *("typescript@5.9", "@types/node@20", "ws@8", "@types/ws@8", "@asyncapi/parser@3", "eventsource@4"),
    *("openapi-typescript@7.13.0", "openapi-fetch@0.17.0"),
)


def modules(factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which Node finds the packages."""
    if not shutil.which("npm"):
        pytest.skip("There is no npm.")
    directory = made_once(common(factory) / "node", _install)
    if not (directory / "node_modules").exists():
        pytest.skip("npm could not install the packages.")
    return directory


def _install(directory: Path) -> None:
    directory.mkdir()
    (directory / "package.json").write_text('{"type": "module"}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    done = subprocess.run(command, cwd=directory, capture_output=True, timeout=300, check=False)
    if done.returncode:
        shutil.rmtree(directory / "node_modules", ignore_errors=True)
