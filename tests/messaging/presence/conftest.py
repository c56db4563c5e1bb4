"""What is pushed, as it leaves."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from notifications.testing import Event, captured_pushes


@pytest.fixture
def pushes(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Event]]:
    """What leaves for the channel layer, at once, though the test's own transaction never ends."""

    def now(function: Callable[[], Any], robust: bool = False) -> None:
        function()

    monkeypatch.setattr(transaction, "on_commit", now)
    with captured_pushes() as events:
        yield events
