"""What one person posts is on another's page at once, through real processes."""

import uuid

from tests.live.person import Person
from tests.live.stack import Stack


def test_message_reaches_the_other_by_socket(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    chat = alice.chat("General")
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as socket:
        answer = alice.post(f"/chats/{chat}/messages/", {"body": "Tea?", "client_id": str(uuid.uuid4())})
        assert answer.status_code == 303
        socket.frames_until("Tea?")
