"""Background tasks with a real worker: it is killed, it is away, it gets the same task twice."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.person import Person
from tests.live.stack import Stack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MANY = 10_500
FILL = """
from django.contrib.auth.models import User
from messaging.models import Chat, Message
alice = User.objects.get(username="alice")
chat = Chat.objects.start(alice, "Archive", Chat.Kind.PRIVATE)
Message.objects.bulk_create(
    Message(chat=chat, author=alice, number=n, created_seq=n, changed_seq=n, body=str(n), html=f"<p>{{n}}</p>")
    for n in range(1, {many} + 1)
)
Chat.objects.filter(pk=chat.pk).update(last_number={many}, seq={many})
print("chat", chat.pk)
"""


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Bellwire whose worker may be killed; which web server it has makes no difference."""
    with Stack(code, tmp_path_factory.mktemp("state") / "jobs", ["prepared"]) as running:
        yield running


def shell(site: Stack, program: str) -> str:
    """Run a program in `manage.py shell`."""
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", program]
    return subprocess.run(command, cwd=site.code, env=site.env, check=True, capture_output=True, text=True).stdout


def version(html: str, job: str) -> str:
    """Return which state of a job a page shows."""
    return re.findall(rf'id="job-{job}"\s+class="[^"]+"\s+data-seq="(\d+)"', html)[0]


@pytest.fixture(scope="module")
def archive(site: Stack) -> int:
    """A room of alice's in which a great deal was said."""
    return int(shell(site, FILL.format(many=MANY)).split()[-1])


def numbers_in(alice: Person, job: str) -> list[int]:
    """Return the numbers of the messages in the file of an export."""
    with zipfile.ZipFile(io.BytesIO(alice.get(f"/exports/{job}/").content)) as file:
        return [message["number"] for message in json.loads(file.read("messages.json"))["messages"]]


def test_a_worker_killed_in_the_middle_shows_as_failed_and_a_retry_makes_it_whole(site: Stack, archive: int) -> None:
    alice, bob = Person(site, "alice"), Person(site, "bob")
    with alice.socket(f"{alice.own_stream}?after=0") as socket, bob.socket(f"{bob.own_stream}?after=0") as bobs:
        socket.frames_until("cursor-user")
        bobs.frames_until("cursor-user")
        assert alice.post(f"/chats/{archive}/exports/").status_code == 303
        running = socket.frames_until(f"of {MANY:,}")
        os.kill(site.children()["worker"], signal.SIGKILL)
        socket.frames_until("The worker that ran this has stopped.", timeout=40)
        (job,) = re.findall(r'id="job-(\d+)-progress"', running[-1])
        assert alice.get(f"/exports/{job}/").status_code == 404
        assert alice.post(f"/notifications/jobs/{job}/retrying/").status_code == 303
        frames = "".join(socket.frames_until("is-succeeded", timeout=60))
        done = [int(value) for value in re.findall(r'max="100" value="(\d+)"', frames)]
        assert len(set(done)) > 3, "it is seen to move"
        assert done == sorted(done)
        with contextlib.suppress(TimeoutError):
            while frame := bobs.connection.recv(timeout=0.5):
                assert "job-" not in str(frame)
    assert numbers_in(alice, job) == list(range(1, MANY + 1))
    files = [path.name for path in (site.state_dir / "private" / "exports").iterdir() if path.suffix == ".zip"]
    assert files == [f"{job}.zip"]


def test_while_the_worker_is_away_it_waits_and_delivered_twice_it_runs_once(site: Stack) -> None:
    alice = Person(site, "alice")
    chat = alice.chat("General")
    with alice.socket(f"{alice.own_stream}?after=0") as socket:
        socket.frames_until("cursor-user")
        with site.worker_away():
            alice.post(f"/chats/{chat}/exports/")
            (job,) = re.findall(r'id="job-(\d+)"\s+class="job is-waiting"', socket.frames_until("is-waiting")[-1])
            assert "Waiting" in alice.get("/notifications/jobs/").text
            again = f"from messaging.tasks import export_chat; [export_chat.delay({job}, {chat}) for _ in range(3)]"
            shell(site, again)
        ended = "".join(socket.frames_until("is-succeeded", timeout=60))
        starts = re.findall(rf'id="job-{job}"\s+class="job is-running"', ended)
        assert len(starts) <= 1
        assert numbers_in(alice, job)[:3] == [1, 2, 3]
        shown = alice.get("/notifications/jobs/").text
        shell(site, again)
        # The worker takes one task after the other, so when this one is done it has had those.
        alice.post(f"/chats/{alice.chat('Launch')}/exports/")
        socket.frames_until(f"/exports/{int(job) + 1}/", timeout=60)
    assert version(alice.get("/notifications/jobs/").text, job) == version(shown, job)
