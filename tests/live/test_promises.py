"""What people and programs rely on, with every part real: web server, Redis, Celery worker."""

import os
import signal
import subprocess
import sys
import uuid

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.person import Person
from tests.live.stack import Stack, alive, doctor, fetch, until


def post(person: Person, chat: int, body: str) -> httpx.Response:
    return person.post(f"/chats/{chat}/messages/", {"body": body, "client_id": str(uuid.uuid4())})


def test_a_mention_goes_through_the_worker_to_the_one_it_names(stack: Stack) -> None:
    alice, bob, carol = (Person(stack, name) for name in ("alice", "bob", "carol"))
    chat = alice.chat("General")
    with bob.socket(f"{bob.own_stream}?after=0") as bobs, carol.socket(f"{carol.own_stream}?after=0") as carols:
        bobs.frames_until("cursor-user")
        carols.frames_until("cursor-user")
        body = f"@bob look at {uuid.uuid4()}"
        assert post(alice, chat, body).status_code == 303
        assert any('class="bell-toast"' in frame for frame in bobs.frames_until(body))
        post(alice, chat, "@carol and you")
        assert not [frame for frame in carols.frames_until("and you") if body in frame]


def test_a_private_chat_sends_an_outsider_nothing(stack: Stack) -> None:
    alice, bob, carol = (Person(stack, name) for name in ("alice", "bob", "carol"))
    chat = alice.chat("Launch")
    with carol.socket(f"/ws/live/chat/{chat}/?after=0") as refused, pytest.raises(ConnectionClosed) as closed:
        refused.connection.recv(timeout=5)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4404
    assert carol.get(f"/notifications/live/chat/{chat}/changes/?after=0").status_code == 404
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as bobs, carol.socket(f"{carol.own_stream}?after=0") as carols:
        carols.frames_until("cursor-user")
        post(alice, chat, "between us")
        bobs.frames_until("between us")
        post(alice, alice.chat("General"), "@carol this is for you")
        assert not [frame for frame in carols.frames_until("for you") if "between us" in frame]


def test_the_same_form_sent_twice_is_one_message(stack: Stack) -> None:
    alice = Person(stack, "alice")
    chat, body = alice.chat("General"), f"once {uuid.uuid4()}"
    data = {"body": body, "client_id": str(uuid.uuid4())}
    answers = [alice.post(f"/chats/{chat}/messages/", data) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert alice.get(f"/chats/{chat}/").text.count(body) == 1


def test_notify_from_the_command_line_shows_on_the_open_page(stack: Stack) -> None:
    bob = Person(stack, "bob")
    text = f"Backup finished {uuid.uuid4()}"
    with bob.socket(f"{bob.own_stream}?after=0") as socket:
        socket.frames_until("cursor-user")
        command = [sys.executable, "manage.py", "notify", "bob", text, "--url", "/accounts/profile/"]
        subprocess.run(command, cwd=stack.code, env=stack.env, check=True, capture_output=True)
        assert any('class="bell-toast"' in frame for frame in socket.frames_until(text))


def test_rights_that_end_close_the_open_page(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    alice.post("/chats/new/", {"name": f"Room {uuid.uuid4()}", "kind": "private"})
    chat = alice.chat("Room")
    alice.post(f"/chats/{chat}/members/", {"people": "bob"})
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as socket:
        socket.frames_until("cursor-chat")
        assert bob.post(f"/chats/{chat}/leaving/").status_code == 303
        with pytest.raises(ConnectionClosed) as closed:
            socket.connection.recv(timeout=5)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4403
    alice.post(f"/chats/{chat}/leaving/")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_posts_while_redis_is_dead_or_hung_are_kept_and_shown(stack: Stack) -> None:
    alice, bob = Person(stack, "alice"), Person(stack, "bob")
    chat = alice.chat("General")
    redis = stack.children()["valkey-server"]
    with bob.socket(f"/ws/live/chat/{chat}/?after=0") as socket:
        socket.frames_until("cursor-chat")
        hung, dead = f"hung {uuid.uuid4()}", f"dead {uuid.uuid4()}"
        os.kill(redis, signal.SIGSTOP)
        try:
            assert post(alice, chat, hung).status_code == 303
            # The relay compares itself with the database, so the message comes without Redis.
            socket.frames_until(hung, timeout=15)
        finally:
            os.kill(redis, signal.SIGCONT)
        os.kill(redis, signal.SIGKILL)
        until(lambda: not alive(redis))
        assert post(alice, chat, dead).status_code == 303
        socket.frames_until(dead, timeout=15)
        until(lambda: fetch(f"{stack.url}/readyz").status_code == 200)
        again = f"again {uuid.uuid4()}"
        assert post(alice, chat, again).status_code == 303
        socket.frames_until(again, timeout=15)
    # Whoever is next waits a few seconds for what is pushed, and not until the relay has found it by itself.
    until(lambda: doctor(stack)[0] == 0, timeout=60)
