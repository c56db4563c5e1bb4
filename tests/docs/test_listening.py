"""docs/integrations-live.md: its lines of curl are run, its table is the server's, and its clients lose nothing."""

import json
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notifications.relay.close_codes import CloseCode
from tests.docs.node import modules
from tests.live.person import Person
from tests.live.stack import Stack, until
from tests.live.test_programs import issued, said

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("listening")]
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/integrations-live.md").read_text()
EXAMPLES = ROOT / "docs/examples"


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Bellwire of its own, which these tests kill."""
    with Stack(code, tmp_path_factory.mktemp("state") / "listening", without=("alone",), LIMITS="posts=0/1m") as stack:
        yield stack


class Client:
    """A program that prints a line for each event."""

    def __init__(self, process: "subprocess.Popen[bytes]", printed: Path) -> None:
        self.process = process
        self.printed = printed

    def texts(self) -> list[str]:
        """Return what it has been told, whole lines of it."""
        lines = self.printed.read_text().splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return [event["text"] for event in events if event["type"] == "message"]


@contextmanager
def running(command: list[str], secret: str, printed: Path) -> Iterator[Client]:
    """Run a client for as long as the `with` block lasts."""
    with printed.open("a") as output:
        process = subprocess.Popen(command, stdout=output, env={"TOKEN": secret, "PATH": "/usr/bin:/bin"})
    try:
        yield Client(process, printed)
    finally:
        process.kill()
        process.wait()


def test_the_lines_of_curl_do_what_is_said(site: Stack) -> None:
    alice = Person(site, "alice")
    chat = alice.chat("General")
    expected = said(alice, chat, "for curl")
    variables = {"SITE": site.url, "TOKEN": issued(site, "bob"), "CHAT": str(chat), "PATH": "/usr/bin:/bin"}
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    with subprocess.Popen(["sh", "-c", f"exec {script}"], env=variables, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout
        assert any(expected in line for line in iter(curl.stdout.readline, ""))
        curl.terminate()


def test_the_table_has_every_close_code() -> None:
    assert {int(code) for code in CloseCode} <= {int(code) for code in re.findall(r"\b4\d{3}\b", PAGE)}


def check_nothing_is_lost(site: Stack, command: list[str], printed: Path) -> None:
    """Post while a client listens, with its server killed, started anew, and the client killed and started anew."""
    alice, secret = Person(site, "alice"), issued(site, "bob")
    chat = alice.chat("General")
    command = [*command, site.url, f"chat.{chat}"]
    expected: list[str] = []
    with running([*command, "--places", f"{printed}.places"], secret, printed) as client:

        def heard() -> bool:
            assert client.process.poll() is None, "the client has ended"
            return expected[-1:] == client.texts()[-1:]

        # Before its first frame it has no place, and begins with what comes then.
        until(lambda: bool(said(alice, chat, "begin")) and bool(client.texts()), timeout=30)
        last = f"from here on {uuid.uuid4()}"
        expected.append(said(alice, chat, last))
        until(heard)
        begun = client.texts()[:-1]
        site.stop()
        site.start()
        alice = Person(site, "alice")
        expected += [said(alice, chat, f"after the restart {number}") for number in range(5)]
        until(heard, timeout=40)
    expected += [said(alice, chat, f"while the client was away {number}") for number in range(5)]
    with running([*command, "--places", f"{printed}.places"], secret, printed) as client:
        until(heard, timeout=40)
        (web,) = (pids[0] for name, pids in site.processes().items() if name == "uvicorn")
        subprocess.run(["kill", "-9", str(web)], check=True)
        until(lambda: not Path(f"/proc/{web}").exists())
        until(lambda: bool(site.readyz()), timeout=60)
        alice = Person(site, "alice")
        expected += [said(alice, chat, f"after the kill {number}") for number in range(5)]
        until(heard, timeout=40)
        assert client.texts() == begun + expected


def test_the_python_client_loses_nothing_and_doubles_nothing(site: Stack, tmp_path: Path) -> None:
    check_nothing_is_lost(site, [sys.executable, str(EXAMPLES / "listen.py")], tmp_path / "printed")


RUNNER = """
import { existsSync, readFileSync, writeFileSync, writeSync } from "node:fs"
import WebSocket from "ws"
import { listen } from "./listen.js"

const [site, stream, , file] = process.argv.slice(2)
const places = { [stream]: null, ...(existsSync(file) ? JSON.parse(readFileSync(file)) : {}) }
const handle = (event) => {
  writeSync(1, `${JSON.stringify(event)}\\n`)
  writeFileSync(file, JSON.stringify({ [stream]: event.seq }))
}
listen(site, process.env.TOKEN, places, handle, (why) => process.exit(Number(why) % 256), WebSocket)
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client in TypeScript as a program of Node's."""
    directory = modules(tmp_path_factory)
    shutil.copy(EXAMPLES / "listen.ts", directory)
    options = "--strict --noUnusedLocals --target es2022 --module nodenext --lib es2022,dom --types node"
    subprocess.run(["npx", "tsc", *options.split(), "listen.ts"], cwd=directory, check=True, timeout=120)
    (directory / "run.js").write_text(RUNNER)
    return directory / "run.js"


def test_the_typescript_client_loses_nothing_and_doubles_nothing(site: Stack, compiled: Path, tmp_path: Path) -> None:
    check_nothing_is_lost(site, ["node", str(compiled)], tmp_path / "printed")


EVENTS = """
import { EventSource } from "eventsource"

const [address] = process.argv.slice(2)
const headers = { Authorization: `Bearer ${process.env.TOKEN}` }
const withToken = (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } })
const source = new EventSource(address, { fetch: withToken })
source.onmessage = ({ data }) => console.log(data)
"""


def test_an_event_source_comes_back_to_where_it_was(
    site: Stack, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = modules(tmp_path_factory)
    (directory / "events.js").write_text(EVENTS)
    alice, secret = Person(site, "alice"), issued(site, "bob")
    chat = alice.chat("General")
    command = ["node", str(directory / "events.js"), f"{site.url}/sse/live/chat/{chat}/"]
    with running(command, secret, tmp_path / "printed") as client:
        until(lambda: "synced" in client.printed.read_text(), timeout=30)
        expected = [said(alice, chat, "before")]
        until(lambda: client.texts() == expected)
        (web,) = (pids[0] for name, pids in site.processes().items() if name == "uvicorn")
        subprocess.run(["kill", "-9", str(web)], check=True)
        until(lambda: not Path(f"/proc/{web}").exists())
        until(lambda: bool(site.readyz()), timeout=60)
        alice = Person(site, "alice")
        expected += [said(alice, chat, f"after {number}") for number in range(3)]
        until(lambda: len(client.texts()) >= len(expected), timeout=40)
        assert client.texts() == expected


def test_the_python_client_stops_when_it_makes_no_sense_to_come_back(site: Stack) -> None:
    command = [sys.executable, str(EXAMPLES / "listen.py"), site.url, "chat.1"]
    done = subprocess.run(command, env={"TOKEN": "bw_nobody"}, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "The server has ended it: 401\n")


@pytest.mark.parametrize("name", ["listen.py", "listen.ts"])
def test_a_client_is_small(name: str) -> None:
    assert len((EXAMPLES / name).read_text().splitlines()) <= 150
