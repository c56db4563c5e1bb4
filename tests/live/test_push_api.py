"""Pushes from outside the web server, by verbs and by a model that pushes by itself, through real processes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from websockets.exceptions import ConnectionClosed

from tests.docs import example
from tests.live.person import Person
from tests.live.stack import Stack

pytestmark = pytest.mark.parametrize("stack", ["uvicorn"], indirect=True, scope="session")
NEW_BOARD = """
from django.contrib.auth.models import User
from kitchen.models import Board
board = Board.objects.create()
board.cooks.set(User.objects.filter(username__in=["alice", "bob"]))
answer = board.pk
"""


@pytest.fixture
def command(stack: Stack) -> Iterator[Callable[[str], Any]]:
    """Run a developer's code in a process of its own, like a management command."""
    with example.shell(stack.code, stack.env) as shell:
        yield shell


def test_what_commands_and_tasks_push_reaches_a_board_s_cooks_and_nobody_else(
    stack: Stack, command: Callable[[str], Any]
) -> None:
    alice, carol = Person(stack, "alice"), Person(stack, "carol")
    board = command(NEW_BOARD)
    with alice.socket(f"/ws/live/board/{board}/?after=0") as alices, carol.socket(f"/ws/live/board/{board}/") as carols:
        alices.frames_until("cursor-board")
        command(f"from kitchen.models import *\nBoard.objects.get(pk={board}).orders.create(dish='Cooked by hand')")
        alices.frames_until("Cooked by hand")
        command(f"from kitchen.tasks import *\ncook.delay({board})")
        alices.frames_until("Cooked by a task")
        with pytest.raises(ConnectionClosed) as closed:
            carols.connection.recv(timeout=5)
    assert closed.value.rcvd.code == 4404
    assert "Cooked by a task" in alice.get(f"/kitchen/boards/{board}/").text
    assert carol.get(f"/kitchen/boards/{board}/").status_code == 404


def test_a_thousand_pushes_of_one_process_take_no_more_connections_than_one(
    stack: Stack, command: Callable[[str], Any]
) -> None:
    carol = Person(stack, "carol")
    call = "from kitchen.tasks import *\ncall.delay({})"
    with (
        redis.Redis(unix_socket_path=str(stack.redis_socket)) as server,
        carol.socket(f"{carol.own_stream}?after=0") as socket,
    ):
        socket.frames_until("cursor-user")
        command(call.format(1))
        socket.frames_until("call 0.", timeout=15)
        opened, open_now = server.info("stats")["total_connections_received"], len(server.client_list())
        command(call.format(1000))
        socket.frames_until("call 999.", timeout=30)
        # The queue may open one or the other.
        assert server.info("stats")["total_connections_received"] - opened < 20
        assert len(server.client_list()) < open_now + 10
