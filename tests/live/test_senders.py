"""Programs that post to chats, as people have them: each posts to a hook, and calls that delivered."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from project.paths import BASE_DIR
from tests.live.person import Person
from tests.live.stack import Stack, common, free_port, made_once, until

HERE = Path(__file__).parent / "senders"


class Room:
    """A room of alice's with a hook, and what is said there."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.alice = Person(stack, "alice")
        place = self.alice.post("/chats/new/", {"name": f"Senders {free_port()}", "kind": "private"}).headers[
            "Location"
        ]
        self.address = place
        page = self.alice.post(f"{place}hooks/", {"name": "CI"}).headers["Location"]
        shown = BeautifulSoup(self.alice.get(page).text, "html.parser")
        self.token = str(shown.select_one("#hook-address")["value"]).rpartition("/")[2]
        self.pk = str(shown.select_one("#hook-address-of-two")["value"]).split("/")[-2]
        self.hook = f"{stack.url}/hooks/{self.token}"

    def said(self) -> list[str]:
        """Return the words of each message."""
        page = BeautifulSoup(self.alice.get(f"{self.address}?at=end").text, "html.parser")
        return [" ".join(each.get_text().split()) for each in page.select("#messages .message-body")]


@pytest.fixture
def room(stack: Stack) -> Room:
    return Room(stack)


def _installed(factory: pytest.TempPathFactory, name: str, install: Callable[[Path], object]) -> Path:
    try:
        return made_once(common(factory) / name, install)
    except (subprocess.SubprocessError, FileNotFoundError) as error:
        pytest.skip(f"the programs cannot be installed here: {error}")


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a virtual environment that has the programs of PyPI."""

    def install(path: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(path)], check=True, timeout=120)
        pip = [str(path / "bin" / "pip"), "install", "--quiet", "--requirement", str(HERE / "requirements.txt")]
        subprocess.run(pip, check=True, timeout=240)

    return _installed(tmp_path_factory, "senders-of-pypi", install) / "bin" / "python"


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that has the programs of npm."""

    def install(path: Path) -> None:
        path.mkdir(exist_ok=True)
        for name in ("package.json", "send.js"):
            shutil.copy(HERE / name, path)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        subprocess.run(npm, cwd=path, check=True, timeout=240)

    if not shutil.which("npm"):
        pytest.skip("there is no Node here")
    return _installed(tmp_path_factory, "senders-of-npm", install)


def run(*command: str, **more: Any) -> Any:
    env = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_programs_of_pypi_call_it_delivered(room: Room, python: Path) -> None:
    results = json.loads(run(str(python), str(HERE / "send.py"), room.stack.url, room.pk, room.token).splitlines()[-1])
    assert results == dict.fromkeys(results, True)
    said = room.said()
    # Of the first two nobody knows whether the text has marks; the others' have none.
    ways = ("mmost", "rocket", "*json*", "*form*")
    assert said[:4] == [f"From apprise by {way} to <you> & @alice" for way in ways]
    assert said[4:9] == [
        "by slack_sdk in blocks",
        "by rockethook Attached i.png",
        "🟢 by matterhook in an attachment",
        "by mattersend",
        "by notifiers",
    ]
    assert said[9].startswith("by mattermost_log_handler 🔴 Traceback (most recent call last):")
    assert "KeyError: 'by *a log handler*'" in said[9]
    assert said[10:] == ["by slackweb", "by superrocket"]


@pytest.mark.timeout(600)
def test_programs_of_npm_call_it_delivered(room: Room, node: Path) -> None:
    results = json.loads(run("node", "send.js", room.hook, cwd=node).splitlines()[-1])
    names = ["@slack/webhook", "node-slack", "node-slackr", "slack-incoming-webhook", "typed-slack"]
    assert results == dict.fromkeys([*names, "winston"], True)
    assert room.said()[:5] == [f"by {name}" for name in names]
    assert "by winston" in room.said()[5]


CURL = [
    (["-d", "a & b"], "a & b"),
    (["-d", '{"text": "*in bold*"}'], "in bold"),
    (["-d", 'payload={"text": "x & y"}'], "x & y"),
    (["--data-urlencode", 'payload={"text": "x & y"}'], "x & y"),
    (["-F", "text=by a form"], "by a form"),
    (["-H", "Content-Type: text/plain", "--data-binary", "*plain*"], "*plain*"),
    (["-H", "X-Title: Sicherung", "-H", "X-Message: für dich", "-X", "POST"], "Sicherung für dich"),
]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_curl_in_its_ways_is_answered_ok(room: Room, tmp_path: Path) -> None:
    for arguments, _ in CURL:
        assert run("curl", "-sS", "--fail-with-body", "--noproxy", "*", *arguments, room.hook) == "ok"
    report = tmp_path / "report.txt"
    report.write_text("by a pipe\n")
    with report.open() as file:
        put = ["curl", "-sS", "--noproxy", "*", "-T", "-", "-H", "Expect: 100-continue", room.hook]
        assert run(*put, stdin=file) == "ok"
    assert room.said() == [*(words for _, words in CURL), "by a pipe"]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_lines_of_the_documentation_work(room: Room) -> None:
    written = (BASE_DIR / "docs" / "integrations-hooks.md").read_text()
    lines = written.partition("```sh\n")[2].partition("```")[0].splitlines()
    for line in lines:
        done = subprocess.run(
            line, shell=True, env={**os.environ, "HOOK": room.hook, "NO_PROXY": "*"}, capture_output=True, check=True
        )
        assert done.stdout == b"ok", line
    assert room.said() == [
        "The build is green.",
        "Build 12 is green",
        "Backup all well",
        "Backup all well",
        "from a pipe",
    ]


def test_a_body_beyond_the_servers_bound_is_413_in_a_line(room: Room) -> None:
    answer = httpx.post(room.hook, content=b"x" * 3_000_000, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/plain; charset=utf-8")
    assert answer.text.count("\n") == 1
    assert httpx.post(room.hook, content=b"x" * 900_000, trust_env=False).text == "ok"
    assert len(room.said()) == 4


def test_no_answer_of_a_hook_leads_anywhere_else(room: Room) -> None:
    for end in ("", "/", "/slack"):
        answers = [httpx.request(method, room.hook + end, trust_env=False) for method in ("GET", "HEAD", "POST")]
        assert [answer.status_code for answer in answers] == [405, 405, 422]
        assert not any(answer.cookies for answer in answers)


class Dropping:
    """A proxy that passes bytes on, and drops its first connection when its request is on its way."""

    def __init__(self, to: int) -> None:
        self.to, self.connections = to, 0
        self.dropped = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.connections += 1
            with client, socket.create_connection(("127.0.0.1", self.to)) as site:
                data = client.recv(65536)
                while b"again" not in data:
                    data += client.recv(65536)
                site.sendall(data)
                if self.connections == 1:
                    # What the server has not begun, it would not begin for a client that is gone.
                    until(lambda: _has_read(site))
                    self.dropped.wait(10)
                else:
                    # The sender asks for the connection to be closed: the answer is whole when it is.
                    while data := site.recv(65536):
                        client.sendall(data)


def _has_read(connection: socket.socket) -> bool:
    """Return whether the other side has acknowledged and read all of it: nothing is left to send (Linux)."""
    import fcntl
    import struct
    import termios

    left = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]
    return bool(left == 0)


@contextmanager
def nothing_is_written(stack: Stack) -> Iterator[None]:
    """Let whoever writes wait for as long as the `with` block lasts."""
    with closing(sqlite3.connect(stack.state_dir / "bellwire.sqlite3", timeout=10)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield


def test_what_is_sent_again_because_nobody_answered_is_one_message(room: Room, python: Path) -> None:
    dropping = Dropping(urlsplit(room.stack.url).port or 0)
    script = (
        "import sys; from slack_sdk.webhook import WebhookClient;"
        "print(WebhookClient(sys.argv[1]).send(text='again').body)"
    )
    url = f"http://127.0.0.1:{dropping.port}/hooks/{room.token}"
    with nothing_is_written(room.stack):
        sender = subprocess.Popen([str(python), "-c", script, url], stdout=subprocess.PIPE, text=True)
        until(lambda: dropping.connections == 1)
        # It waits for the database now: its client goes away, and it is stored for nobody to hear of.
        dropping.dropped.set()
    assert sender.communicate(timeout=30)[0].strip() == "ok"
    dropping.server.close()
    assert dropping.connections == 2
    assert room.said() == ["again"]


ALERT = [{"labels": {"alertname": "disk_full_soon", "host": "<db>"}, "annotations": {"summary": "90 *%*"}}]


@pytest.mark.skipif(not shutil.which("prometheus-alertmanager"), reason="there is no Alertmanager here")
def test_alertmanager_posts_in_both_of_its_ways(room: Room, tmp_path: Path) -> None:
    settings = {
        "route": {"receiver": "chat", "group_wait": "0s", "group_interval": "1h", "repeat_interval": "4h"},
        "receivers": [
            {
                "name": "chat",
                "slack_configs": [{"api_url": room.hook, "channel": "#alerts", "send_resolved": False}],
                "webhook_configs": [{"url": room.hook, "send_resolved": False}],
            }
        ],
    }
    (tmp_path / "alertmanager.yml").write_text(json.dumps(settings))
    port = free_port()
    command = ["prometheus-alertmanager", f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with (tmp_path / "log").open("w") as log:
        alertmanager = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: _answers(port))
        httpx.post(f"http://127.0.0.1:{port}/api/v2/alerts", json=ALERT, trust_env=False).raise_for_status()
        until(lambda: len(room.said()) == 2, timeout=40)
    finally:
        alertmanager.terminate()
        alertmanager.wait(timeout=20)
    said = " ".join(sorted(room.said()))
    assert "firing disk_full_soon – 90 *%*" in said
    assert "[FIRING:1] (disk_full_soon <db>)" in said


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/-/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
