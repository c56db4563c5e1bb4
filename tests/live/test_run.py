"""One command starts everything, and nothing of it is left when that command ends, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.live.stack import Stack, alive, copy_code, fetch, prepared, until

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def own(code: Path, tmp_path: Path) -> Stack:
    """A Bellwire of this test's own, as one that has been started before."""
    return Stack(code, shutil.copytree(prepared(code), tmp_path / "state"))


def refusal(stack: Stack) -> str:
    """Return the one line with which a run refuses to start."""
    process = stack.launch().process
    try:
        assert process.wait(timeout=20) == 1
    finally:
        process.kill()
    assert stack.log.count("\n") == 1, stack.log
    return stack.log


@contextmanager
def redis_of(stack: Stack) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the embedded Redis of a run without the run."""
    program = "from project.run import embedded_redis as e; import os; e.prepare(); c = e.command(); os.execv(c[0], c)"
    stack.state_dir.mkdir(exist_ok=True)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=stack.code, env=stack.env)
    try:
        until(stack.redis_socket.exists)
        yield process
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(stack.redis_socket.parent, ignore_errors=True)


def test_taken_port(own: Stack) -> None:
    port = own.env["PORT"]
    with socket.create_server(("127.0.0.1", int(port))):
        assert f"127.0.0.1:{port} (Address already in use)" in refusal(own)


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("PORT", "65536"), ("SERVER", "apache")])
def test_unusable_choice(own: Stack, name: str, value: str) -> None:
    own.env[name] = value
    assert repr(value) in refusal(own)


def test_second_run_on_one_state_directory(own: Stack, code: Path, tmp_path: Path) -> None:
    with own:
        second = Stack(code, tmp_path / "second", STATE_DIR=str(own.state_dir))
        assert f"already runs on {own.state_dir}" in refusal(second)


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_after(own: Stack, number: signal.Signals) -> None:
    with own:
        children = own.children()
        assert set(children) == {"valkey-server", "uvicorn", "worker", "beat"}
        assert own.stop(number) == 0
    assert not any(map(alive, children.values()))
    assert not own.redis_socket.parent.exists()


def ignore_signals() -> None:
    """Begin as what `nohup` starts, or a shell with `&` in a script."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@linux
def test_run_in_the_background_heeds_sigterm_alone(own: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.live.stack.heed_signals", ignore_signals)
    with own:
        status = Path(f"/proc/{own.process.pid}/status").read_text()
        ignored = int(status.partition("SigIgn:")[2].split()[0], 16)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            assert bool(ignored >> (number - 1) & 1) == (number != signal.SIGTERM)
        own.process.send_signal(signal.SIGINT)
        own.process.send_signal(signal.SIGHUP)
        assert own.readyz() == "ready\n"
        children = own.children()
        assert own.stop(signal.SIGTERM) == 0
    assert not any(map(alive, children.values()))


@linux
def test_killed_run_leaves_nothing_and_the_next_one_starts(own: Stack) -> None:
    with own:
        children = own.children()
        own.stop(signal.SIGKILL)
    until(lambda: not any(map(alive, children.values())))
    assert own.redis_socket.exists()
    with own:
        assert own.readyz() == "ready\n"


def test_leftover_redis_is_ended(own: Stack) -> None:
    with redis_of(own) as leftover, own:
        assert leftover.wait(timeout=5) == 0
        assert own.readyz() == "ready\n"


@linux
@pytest.mark.parametrize("name", ["valkey-server", "uvicorn", "worker"])
def test_service_that_dies_is_started_again(own: Stack, name: str) -> None:
    with own:
        before = own.children()[name]
        os.kill(before, signal.SIGKILL)
        until(lambda: own.children().get(name, before) != before)
        until(lambda: "ended (SIGKILL) and will be started again" in own.log)
        until(lambda: own.readyz() == "ready\n")


def test_service_that_keeps_dying_ends_the_run(code: Path) -> None:
    program = """
from project.run import supervisor
supervisor.RESTARTS = 1
run = supervisor.Supervisor()
run.start(supervisor.Service("clock", ["sleep", "1000"], grace=1))
run.start(supervisor.Service("bomb", ["sh", "-c", "exit 3"], grace=1))
try:
    run.keep()
except supervisor.CannotRun as error:
    print(error)
finally:
    run.end()
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=code, capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout.endswith("The bomb ended 2 times in 60 s (exit code 3).\n"), done


def test_service_that_was_asked_to_end_is_started_again_at_once(code: Path, tmp_path: Path) -> None:
    program = f"""
import time
from pathlib import Path
from project.run import supervisor
supervisor.RESTARTS = 0
run = supervisor.Supervisor()
began, log = time.monotonic(), Path("{tmp_path}/log")
run.start(supervisor.Service("guest", ["sh", "-c", "echo here >> {tmp_path}/log"], grace=1, lacks=lambda: ""))
pause = run.signals.pause
def pause_until_seen(seconds):
    pause(seconds)
    if log.exists() and log.read_text().count("here") == 4:
        raise supervisor.AskedToEnd
run.signals.pause = pause_until_seen
try:
    run.keep()
except supervisor.AskedToEnd:
    print(time.monotonic() - began)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=code, capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout.count("The guest ended (exit code 0) and will be started again.") >= 3, done
    assert float(done.stdout.split()[-1]) < 3


def test_processes_of_one_service_end_together(code: Path, tmp_path: Path) -> None:
    program = f"""
import time
from pathlib import Path
from project.run import supervisor
run = supervisor.Supervisor()
slow = "trap 'sleep 1; exit' TERM; touch {tmp_path}/$$; while :; do sleep 0.05; done"
run.start(supervisor.Service("crew", ["sh", "-c", slow], grace=5), processes=4)
while len(list(Path("{tmp_path}").iterdir())) < 4:
    time.sleep(0.01)
began = time.monotonic()
run.end()
print(time.monotonic() - began, [child.process.returncode for child in run.children])
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=code, capture_output=True, text=True, timeout=20, check=False)
    seconds, _, codes = done.stdout.partition(" ")
    assert 1 <= float(seconds) < 3, done
    assert codes == "[0, 0, 0, 0]\n"


def test_given_redis_is_used(own: Stack, code: Path, tmp_path: Path) -> None:
    other = Stack(code, tmp_path / "other")
    own.env["REDIS_URL"] = f"unix://{other.redis_socket}"
    with redis_of(other), redis.Redis(unix_socket_path=str(other.redis_socket)) as client:
        assert len(client.client_list()) == 1
        with own:
            until(lambda: len(client.client_list()) > 1)
            assert not own.redis_socket.exists()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("REDIS_URL", "redis://127.0.0.1:1", "Redis cannot be used: "),
        ("REDIS_URL", "reddis://127.0.0.1", "Redis cannot be used: "),
        ("REDIS_URL", "redis://127.0.0.1?ssl_ca_certs=/etc/ssl/ca.pem", "Redis cannot be used: "),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3", "The database cannot be used: "),
        ("ALLOWED_HOSTS", "chat.example.org", "The settings cannot be used: Set SECRET_KEY"),
    ],
)
def test_unusable_surroundings(own: Stack, name: str, value: str, says: str) -> None:
    own.env[name] = value
    assert own.launch().process.wait(timeout=20) == 1
    assert own.log.startswith(says)
    assert own.log.count("\n") == 2


def test_env_file(own: Stack, tmp_path: Path) -> None:
    own.code = copy_code(tmp_path / "code")
    port = own.env.pop("PORT")
    (own.code / ".env").write_text(f"PORT={port}\nDATABASE_URL=sqlite:///{tmp_path}/other.sqlite3\nSERVER=daphne\n")
    with own:
        assert own.url.endswith(f":{port}")
        assert (tmp_path / "other.sqlite3").exists()
        assert "server" not in fetch(own.url).headers
