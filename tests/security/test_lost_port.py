"""A proxy that drops the port from `Host`: forms and sockets are refused, until the operator names the origin."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from messaging.models import Chat
from notifications.relay.origins import is_own_origin

pytestmark = pytest.mark.django_db
HOST = "testserver"


@pytest.mark.parametrize(
    ("named", "origin", "taken"),
    [
        ([], "https://testserver:8443", False),
        (["https://testserver:8443"], "https://testserver:8443", True),
        (["https://*.example.org:8443"], "https://chat.example.org:8443", True),
        (["https://testserver:8443"], "https://testserver:9443", False),
        (["https://testserver:8443"], "http://testserver:8443", False),
        (["https://*.example.org:8443"], "https://chat.example.org.evil.example:8443", False),
    ],
)
def test_forms_and_sockets_are_taken_from_named_origins(
    settings: Settings, alice: User, room: Chat, named: list[str], origin: str, taken: bool
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = named
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get(f"/chats/{room.pk}/", secure=True)
    headers = {"Host": HOST, "Origin": origin, "X-CSRFToken": client.cookies["csrftoken"].value}
    answer = client.post(f"/chats/{room.pk}/messages/", {"body": "Here I am"}, secure=True, headers=headers)
    assert answer.status_code == (303 if taken else 403)
    assert room.messages.filter(body="Here I am").exists() is taken
    assert is_own_origin(origin, HOST) is taken
