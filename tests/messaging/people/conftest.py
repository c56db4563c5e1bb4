"""A conversation of alice and bob, for all tests of people."""

import pytest
from django.contrib.auth.models import User

from messaging.models import Chat


@pytest.fixture
def two(alice: User, bob: User, carol: User) -> Chat:
    """The direct chat of alice and bob."""
    return Chat.objects.direct([alice, bob])
