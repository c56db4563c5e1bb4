"""Many pages of one person, each with one socket for all that it follows."""

import contextlib
import uuid

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.person import Person
from tests.live.stack import Stack

TABS = 20
MOST = 50
PATIENCE = 30.0


def test_fifty_pages_of_a_person_are_live_and_one_more_is_told_that_it_is_too_many(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    chat = f"/chats/{alice.chat('General')}/"
    address, old_address, word = bob.socket_of(chat), f"{bob.own_stream}?after=0", uuid.uuid4().hex
    with contextlib.ExitStack() as opened:
        pages = [opened.enter_context(bob.socket(address)) for _ in range(TABS)]
        # Those of yesterday, and other clients, follow one stream each.
        others = [opened.enter_context(bob.socket(old_address)) for _ in range(MOST - TABS)]
        for each in (*pages, *others):
            each.frames_until("cursor-user", PATIENCE)
        with bob.page(chat) as one_too_many, pytest.raises(ConnectionClosed) as closed:
            one_too_many.connection.recv(timeout=PATIENCE)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4429
        alice.post(f"{chat}messages/", {"body": f"@bob {word}", "client_id": str(uuid.uuid4())})
        came = [page.frames_until(word, PATIENCE) for page in pages] + [[] for _ in others]
        # What rings his bell comes by the same sockets, at times within the same frame.
        for each, frames in zip((*pages, *others), came, strict=True):
            if not any("bell-toast" in frame for frame in frames):
                each.frames_until("bell-toast", PATIENCE)
