"""The notification centre with a real worker and beat: messages of a chat, and what was snoozed."""

import subprocess
import sys
import uuid

import pytest
from bs4 import BeautifulSoup

from tests.live.person import Person
from tests.live.stack import Stack

pytestmark = pytest.mark.parametrize("stack", ["uvicorn"], indirect=True, scope="session")

TIME_HAS_COME = (
    "from notifications.models import Notification; from django.utils import timezone;"
    "Notification.objects.filter(pk={}).update(snoozed_until=timezone.now())"
)


def test_every_message_rings_and_what_is_snoozed_comes_back(stack: Stack) -> None:
    alice, bob, carol = (Person(stack, name) for name in ("alice", "bob", "carol"))
    chat, body = alice.chat("General"), f"hello {uuid.uuid4()}"
    assert bob.post(f"/chats/{chat}/level/", {"level": "all"}).status_code == 303
    with bob.socket(f"{bob.own_stream}?after=0") as bobs, carol.socket(f"{carol.own_stream}?after=0") as carols:
        for socket in (bobs, carols):
            socket.frames_until("cursor-user")
        alice.post(f"/chats/{chat}/messages/", {"body": body, "client_id": str(uuid.uuid4())})
        frame = BeautifulSoup(bobs.frames_until(body)[-1], "html.parser")
        row = next(row for row in frame.select(".notification") if body in row.text)
        pk = str(row["id"]).removeprefix("notification-")
        assert row["data-kind"] == "message"
        assert bob.post(f"/notifications/{pk}/snoozing/", {"until": "hour"}).status_code == 303
        assert "toast-over" in bobs.frames_until(f'id="toast-{pk}"')[-1]
        command = [sys.executable, "manage.py", "shell", "-c", TIME_HAS_COME.format(pk)]
        subprocess.run(command, cwd=stack.code, env=stack.env, check=True, capture_output=True)
        # Beat wakes what is due every 20 seconds.
        assert 'class="bell-toast"' in bobs.frames_until(f'id="toast-{pk}"', timeout=40)[-1]
        bob.post(f"/chats/{chat}/level/", {"level": "mentions"})
        alice.post(f"/chats/{chat}/messages/", {"body": "@carol done", "client_id": str(uuid.uuid4())})
        assert not [frame for frame in carols.frames_until("@carol done") if body in frame]
