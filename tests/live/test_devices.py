"""Devices that are signed out from another: their open pages are closed within a second."""

import re
import time

import pytest
from websockets.exceptions import ConnectionClosed

from messaging.accounts.demo import PASSWORD
from tests.live.person import Person, Socket
from tests.live.stack import Stack

SIGNED_OUT = 4401


def expect_closed(socket: Socket, since: float) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.frames_until("nothing that comes")
    assert closed.value.rcvd.code == SIGNED_OUT
    assert time.monotonic() - since < 1


def test_the_sockets_of_a_device_that_is_signed_out_are_closed_at_once(stack: Stack) -> None:
    here, there = Person(stack, "carol"), Person(stack, "carol")
    with there.socket(there.own_stream) as lost, here.socket(here.own_stream) as kept:
        lost.frames_until("cursor")
        kept.frames_until("cursor")
        begun = time.monotonic()
        page = here.get("/accounts/devices/").text
        others = [found for found in page.split("<li>")[1:] if "this device" not in found]
        assert here.post(re.search(r"/accounts/devices/\d+/ending/", others[0])[0]).status_code == 303
        expect_closed(lost, begun)
        assert there.get("/").status_code == 302
        kept.connection.ping().wait(5)


def test_the_sockets_of_all_others_are_closed_at_once(stack: Stack) -> None:
    here, others = Person(stack, "carol"), [Person(stack, "carol") for _ in range(2)]
    asked = here.post("/accounts/devices/ending/")
    with others[0].socket(others[0].own_stream) as one, others[1].socket(others[1].own_stream) as two:
        for socket in (one, two):
            socket.frames_until("cursor")
        begun = time.monotonic()
        assert here.post(asked.headers["location"], {"password": PASSWORD}).status_code == 303
        for socket in (one, two):
            expect_closed(socket, begun)
