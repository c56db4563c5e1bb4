"""A receiver, and addresses of this machine allowed."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.notifications.webhooks.receiver import Receiver, running


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A program that hears, on this machine, which is allowed here."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with running() as receiver:
        yield receiver
