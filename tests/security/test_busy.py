"""H2, H3: whatever keeps a site's threads busy, it says that it is alive, and mail keeps nobody waiting."""

import re
import socket
import sqlite3
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from bs4 import BeautifulSoup

from project.threads import THREADS
from tests.live.person import Person
from tests.live.stack import Stack, fetch, free_port, until

pytestmark = pytest.mark.live


@contextmanager
def nothing_is_written(stack: Stack) -> Iterator[None]:
    """Hold the lock of the database for which every writer waits."""
    with closing(sqlite3.connect(stack.state_dir / "bellwire.sqlite3", timeout=20)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.rollback()


def test_health_answers_while_all_threads_wait(stack: Stack) -> None:
    alice = Person(stack, "alice")
    chat = alice.chat("General")

    def post(number: int) -> int:
        return alice.post(f"/chats/{chat}/messages/", {"body": f"{number}", "client_id": str(uuid.uuid4())}).status_code

    with ThreadPoolExecutor(THREADS + 8) as people:
        with nothing_is_written(stack):
            posts = [people.submit(post, number) for number in range(THREADS + 8)]
            until(lambda: _is_busy(stack))
            assert fetch(f"{stack.url}/healthz", timeout=2).text == "ok\n"
            assert fetch(f"{stack.url}/readyz", timeout=2).text == "ready\n"
            assert not any(each.done() for each in posts)
        assert {each.result() for each in posts} == {303}


def _is_busy(stack: Stack) -> bool:
    try:
        fetch(f"{stack.url}/accounts/login/", timeout=0.5)
    except httpx.TransportError:
        return True
    return False


class Letters:
    """What a mail server has taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.taken.append(envelope.content.decode())
        return "250 OK"


def ask_for_mail(stack: Stack, times: int) -> None:
    """Have forgotten one's password, and be answered, so many times; half of them by an address that nobody has."""
    with httpx.Client(base_url=stack.url, timeout=10, trust_env=False, verify=False, follow_redirects=True) as visitor:
        page = BeautifulSoup(visitor.get("/accounts/login/").text, "html.parser")
        link = str(page.find("a", string=re.compile("Forgotten"))["href"])
        for number in range(times):
            visitor.get(link)
            form = {"email": ("bob", "nobody")[number % 2] + "@example.org"}
            answer = visitor.post(link, data={"csrfmiddlewaretoken": visitor.cookies["csrftoken"], **form})
            assert "Look into your mail" in answer.text


def with_mail(code: Path, tmp_path: Path, port: int) -> Stack:
    limits = "mail=0/1h,mail_address=0/1h"
    return Stack(code, tmp_path / "state", ["prepared"], EMAIL_URL=f"smtp://127.0.0.1:{port}", LIMITS=limits)


def give_bob_an_address(stack: Stack) -> None:
    with closing(sqlite3.connect(stack.state_dir / "bellwire.sqlite3", timeout=20)) as database:
        database.execute("UPDATE auth_user SET email = 'bob@example.org' WHERE username = 'bob'")
        database.commit()


@pytest.mark.parametrize("server", ["silent", "dead"])
def test_a_mail_server_that_does_not_answer_changes_nothing_for_anybody(
    code: Path, tmp_path: Path, server: str
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        if server == "dead":
            listener.close()
            port = free_port()
        else:
            port = listener.getsockname()[1]
        with with_mail(code, tmp_path, port) as stack:
            give_bob_an_address(stack)
            ask_for_mail(stack, THREADS + 8)
            alice, bob = Person(stack, "alice"), Person(stack, "bob")
            chat = alice.chat("General")
            with bob.socket(bob.own_stream) as socket_of_bob:
                alice.post(f"/chats/{chat}/messages/", {"body": "@bob tea?", "client_id": str(uuid.uuid4())})
                socket_of_bob.frames_until("tea?", timeout=10)
            assert "Traceback" not in stack.log


def test_mail_that_nobody_took_is_sent_when_somebody_does(code: Path, tmp_path: Path) -> None:
    letters, port = Letters(), free_port()
    with with_mail(code, tmp_path, port) as stack:
        give_bob_an_address(stack)
        ask_for_mail(stack, 2)
        until(lambda: "No mail server takes mail" in stack.log)
        mail_server = Controller(letters, "127.0.0.1", port)
        mail_server.start()
        try:
            until(lambda: letters.taken, timeout=60)
        finally:
            mail_server.stop()
        assert len(letters.taken) == 1
        assert "To: bob@example.org" in letters.taken[0]
        assert f"{stack.url}/accounts/" in letters.taken[0].replace("=\n", "")
