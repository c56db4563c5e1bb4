"""A web server that is asked to end sends its pages away, finishes its requests, and is gone in time."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.live import person
from tests.live.person import Person
from tests.live.stack import Site, Stack, fetch, free_port, until

GONE_BY = 20.0
SOON = 10.0
"""Far from the 17 seconds at which what still runs is cut off; on a busy machine a process takes some to end."""
TOKEN = "for-this-test"
MEGABYTES = 60
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class WebServer(Site):
    """A web server by itself, at an address of its own, on the database and Redis of a running Bellwire."""

    def __init__(self, stack: Stack, log_file: Path, *program: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}"
        self.log_file = log_file
        command = [sys.executable, *(program or ("-m", "project.serve")), stack.env["SERVER"], "--port", str(self.port)]
        env = {**stack.env, "METRICS_TOKEN": TOKEN}
        with log_file.open("w") as log:
            self.process = subprocess.Popen(command, cwd=stack.code, env=env, stdout=log, stderr=log)

    def ask_to_end(self, number: int = signal.SIGTERM) -> None:
        """Send the signal."""
        self.process.send_signal(number)
        self.asked_at = time.monotonic()

    def ended_after(self) -> float:
        """Wait for the end, which must be a good one, and return how many seconds it took."""
        assert self.process.wait(timeout=GONE_BY) == 0, self.log_file.read_text()
        return time.monotonic() - self.asked_at

    def metric(self, name: str) -> float:
        """Return one of its counters."""
        lines = fetch(f"{self.url}/metrics", Authorization=f"Bearer {TOKEN}").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    def memory_mb(self) -> float:
        """Return its resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.fixture
def web(stack: Stack, tmp_path: Path) -> Iterator[WebServer]:
    """A web server of this test's own, of the same kind as the shared one."""
    server = WebServer(stack, tmp_path / "web.log")
    try:
        until(lambda: server.readyz() == "ready\n")
        yield server
        assert "Traceback" not in server.log_file.read_text()
    finally:
        server.process.kill()
        server.process.wait()


def chat_of(someone: Person) -> str:
    return f"/ws/live/chat/{someone.chat('General')}/?after=0"


@contextlib.contextmanager
def pages(people: list[Person], each: int) -> Iterator[list[person.Socket]]:
    """Open a chat's socket so many times for each of these people."""
    path = chat_of(people[0])
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(someone.socket(path)) for someone in people for _ in range(each)]
        for each_socket in sockets:
            each_socket.frames_until("cursor-chat")
        yield sockets


def closed_at(page: person.Socket) -> tuple[int, float]:
    """Read on until the socket is closed; return the code, and when."""
    while True:
        try:
            page.connection.recv(timeout=GONE_BY)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006, time.monotonic()


@contextlib.contextmanager
def mute_page(someone: Person) -> Iterator[socket.socket]:
    """Open a socket on which nothing is ever read after the handshake, nor answered."""
    cookies = "; ".join(f"{name}={value}" for name, value in someone.client.cookies.items())
    with socket.socket() as mute:
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        mute.connect(("127.0.0.1", httpx.URL(someone.stack.url).port))
        mute.sendall(
            f"GET {chat_of(someone)} HTTP/1.1\r\nHost: {someone.stack.url.removeprefix('http://')}\r\n"
            f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {'A' * 22}==\r\nCookie: {cookies}\r\n\r\n".encode()
        )
        assert mute.recv(12) == b"HTTP/1.1 101"
        yield mute


def is_reset(mute: socket.socket) -> bool:
    """Return whether the other side has given a connection up."""
    poll = select.poll()
    poll.register(mute, select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def form(someone: Person, body: str) -> dict[str, Any]:
    """Return what httpx needs to post a message."""
    data = {"csrfmiddlewaretoken": someone.client.cookies["csrftoken"], "body": body, "client_id": str(uuid.uuid4())}
    return {"url": f"/chats/{someone.chat('General')}/messages/", "data": data}


class HalfSent:
    """A form of which the web server has had the first half; `rest` sends the other one."""

    def __init__(self, someone: Person, body: str) -> None:
        self.someone = someone  # Whose client would be closed with the last reference to him.
        request = someone.client.build_request("POST", **form(someone, body))
        self.content = request.read()
        self.begun, self.rest = threading.Event(), threading.Event()
        self.request = someone.client.build_request(
            "POST", request.url, headers=request.headers, content=self._halves()
        )
        self.pool = ThreadPoolExecutor(max_workers=1)
        self.answer = self.pool.submit(someone.client.send, self.request)
        assert self.begun.wait(10)

    def _halves(self) -> Iterator[bytes]:
        yield self.content[:50]
        self.begun.set()
        self.rest.wait(GONE_BY)
        yield self.content[50:]


@linux
def test_pages_are_sent_away_a_few_at_a_time(stack: Stack, web: WebServer) -> None:
    people = [Person(web, name) for name in ("alice", "bob", "carol")]
    with pages(people, each=15) as opened, ThreadPoolExecutor(len(opened)) as readers:
        closings = [readers.submit(closed_at, page) for page in opened]
        web.ask_to_end()
        codes, times = zip(*(closing.result() for closing in closings), strict=True)
    assert set(codes) == {4012}
    # At the pace it is 0.22 s; a busy machine shows it less exactly.
    assert 0.1 < max(times) - min(times) < 5
    assert web.ended_after() < SOON


def test_control_c_is_quick(web: WebServer) -> None:
    with pages([Person(web, "alice")], each=2) as opened:
        web.ask_to_end(signal.SIGINT)
        assert {closed_at(page)[0] for page in opened} == {4012}
        assert web.ended_after() < SOON


def test_whoever_comes_during_the_drain_is_sent_on(web: WebServer) -> None:
    alice = Person(web, "alice")
    with mute_page(alice):
        # It answers no close, which keeps the drain going for a while, and only for a while.
        until(lambda: web.metric("bellwire_sockets ") == 1)
        web.ask_to_end()
        until(lambda: web.readyz() == "not ready: ending\n")
        with alice.socket(f"{alice.own_stream}?after=0") as page:
            assert closed_at(page)[0] == 4012
        until(lambda: web.metric('bellwire_closes_total{code="service_restart"}') == 2)
        assert web.ended_after() < SOON


def test_running_request_is_finished(stack: Stack, web: WebServer) -> None:
    body = f"slowly sent {uuid.uuid4()}"
    sent = HalfSent(Person(web, "alice"), body)
    web.ask_to_end()
    until(lambda: web.readyz() == "")
    with pytest.raises(subprocess.TimeoutExpired):
        web.process.wait(timeout=1)
    sent.rest.set()
    assert sent.answer.result().status_code == 303
    assert web.ended_after() < GONE_BY
    bob = Person(stack, "bob")
    assert body in bob.get(f"/chats/{bob.chat('General')}/").text


def test_second_signal_ends_at_once(web: WebServer) -> None:
    sent = HalfSent(Person(web, "alice"), "never sent")
    web.ask_to_end()
    until(lambda: web.readyz() == "")
    web.ask_to_end()
    assert web.process.wait(timeout=SOON) == -signal.SIGTERM
    sent.rest.set()


@pytest.mark.parametrize("hangs", ["request", "view"])
def test_what_hangs_is_cut_off(stack: Stack, tmp_path: Path, hangs: str) -> None:
    entered = tmp_path / "entered"
    program = f"""
import pathlib, time, project.asgi
from project import health
from project.serve import __main__ as serve
from project.serve import ending
ending.REQUESTS_BY, ending.GONE_BY = 1, 2
def hang(request):
    pathlib.Path("{entered}").touch()
    time.sleep({2 * GONE_BY})
health.ANSWERS["/healthz"] = hang
serve.main()
"""
    web = WebServer(stack, tmp_path / "web.log", "-c", program)
    try:
        until(lambda: web.readyz() == "ready\n")
        with ThreadPoolExecutor(1) as pool:
            if hangs == "view":
                pool.submit(fetch, f"{web.url}/healthz", timeout=GONE_BY)
                until(entered.exists)
            else:
                sent = HalfSent(Person(web, "alice"), "never sent")
            web.ask_to_end()
            assert 1 < web.ended_after() < SOON
            if hangs == "request":
                sent.rest.set()
    finally:
        web.process.kill()
        web.process.wait()


@linux
def test_reader_who_stops_is_dropped_and_costs_no_memory(stack: Stack, web: WebServer) -> None:
    alice = Person(web, "alice")
    program = f"""
import project.asgi, asyncio
from channels.layers import get_channel_layer
async def push():
    event = {{"type": "relay.event", "group": "chat.{alice.chat("General")}", "seq": None, "html": "x" * 100_000}}
    for _ in range({MEGABYTES * 10}):
        await get_channel_layer().group_send(event["group"], event)
        await asyncio.sleep(0.005)
asyncio.run(push())
"""
    with mute_page(alice) as mute:
        until(lambda: web.metric("bellwire_sockets ") == 1)
        before = web.memory_mb()
        subprocess.run([sys.executable, "-c", program], cwd=stack.code, env=stack.env, check=True)
        until(lambda: web.metric('bellwire_closes_total{code="try_later"}') == 1)
        until(lambda: is_reset(mute), timeout=8)
        assert web.memory_mb() - before < MEGABYTES / 3


@pytest.fixture(params=["uvicorn", "daphne"])
def two(request: pytest.FixtureRequest, code: Path, tmp_path: Path) -> Iterator[Stack]:
    """A Bellwire with two web servers on one address."""
    without = ["prepared", "alone"]
    with Stack(code, tmp_path / "state", without, SERVER=request.param, WEB_PROCESSES="2") as stack:
        yield stack


@linux
@pytest.mark.parametrize(("number", "says"), [(signal.SIGTERM, "exit code 0"), (signal.SIGKILL, "SIGKILL")])
def test_one_of_two_that_ends_refuses_nobody(two: Stack, number: signal.Signals, says: str) -> None:
    def web_servers() -> list[int]:
        return two.processes()[two.env["SERVER"]]

    ended, sibling = web_servers()
    over, failures = threading.Event(), []

    def visit() -> None:
        while not over.is_set():
            try:
                assert fetch(f"{two.url}/healthz", timeout=10).status_code == 200
            except httpx.TransportError as error:
                failures.append(error)

    with ThreadPoolExecutor(1) as pool:
        visits = pool.submit(visit)
        os.kill(ended, number)
        until(lambda: len(set(web_servers()) - {ended}) == 2 or visits.done())
        over.set()
        visits.result()
    # What a killed process was answering is lost with it; nobody is refused for that.
    assert not [each for each in failures if number != signal.SIGKILL or isinstance(each, httpx.ConnectError)]
    assert f"ended ({says}) and will be started again" in two.log
    os.kill(sibling, signal.SIGSTOP)
    try:
        assert two.readyz() == "ready\n", "from the one that was started again"
    finally:
        os.kill(sibling, signal.SIGCONT)
