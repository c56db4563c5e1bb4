"""A hook of the open room, and a way to post to it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import Chat, Hook

Post = Callable[..., Any]


@pytest.fixture
def hook(room: Chat, alice: User) -> Hook:
    return Hook.objects.make(room, "CI", alice, "🚀")


@pytest.fixture
def post(hook: Hook) -> Post:
    """Post bytes to the hook as programs do: without cookies, and with whatever type."""

    def send(body: str | bytes, content_type: str = "application/json", place: str = "", **headers: str) -> Any:
        client = Client(enforce_csrf_checks=True)
        data = body.encode() if isinstance(body, str) else body
        return client.generic("POST", f"/hooks/{place or hook.token}", data, content_type, headers=headers)

    return send
