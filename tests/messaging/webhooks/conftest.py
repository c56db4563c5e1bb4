"""A webhook of a room."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from messaging.models import Chat
from notifications.models import Webhook
from notifications.push import webhooks

ALL = ["message.created", "message.edited", "message.deleted", "message.reacted"]


@pytest.fixture
def hook(private: Chat, alice: User) -> Webhook:
    """A webhook of the private room, that wants to hear everything."""
    return hooked(private, alice)


def hooked(chat: Chat, owner: User) -> Webhook:
    made: Webhook = Webhook.objects.create(subject=chat.stream, owner=owner, url="https://example.org/in", events=ALL)
    found = webhooks.find(chat.stream)
    assert found
    with transaction.atomic():
        found[0].note(chat.pk)
    chat.refresh_from_db()
    return made
