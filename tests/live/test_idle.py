"""Sockets on which nothing happens: by itself because it takes so long, so that other tests run beside it."""

import contextlib
import time
import uuid

from tests.live.person import Person
from tests.live.stack import Stack

IDLE_SECONDS = 60


def test_thirty_idle_sockets_stay_open_for_a_minute(stack: Stack) -> None:
    people = [Person(stack, name) for name in ("alice", "bob", "carol")]
    chat = people[0].chat("General")
    address = f"/ws/live/chat/{chat}/?after=0"
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(person.socket(address)) for person in people for _ in range(10)]
        for socket in sockets:
            socket.frames_until("cursor-chat")
        # The time is the test: nothing may end a socket on which nothing happens.
        limit = time.monotonic() + IDLE_SECONDS
        beats = [0] * len(sockets)
        for number, socket in enumerate(sockets):
            with contextlib.suppress(TimeoutError):
                while frame := socket.connection.recv(timeout=max(0.01, limit - time.monotonic())):
                    assert str(frame).startswith("<data"), "nothing new was said"
                    beats[number] += 1
        assert all(count in {2, 3} for count in beats), "what lets a page know that it is still heard"
        people[0].post(f"/chats/{chat}/messages/", {"body": "Still there?", "client_id": str(uuid.uuid4())})
        for socket in sockets:
            socket.frames_until("Still there?")
