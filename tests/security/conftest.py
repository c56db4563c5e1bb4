"""Attacks on a running Bellwire use what the live tests start."""

from tests.live.conftest import code, pytest_runtest_makereport, stack

__all__ = ["code", "pytest_runtest_makereport", "stack"]
