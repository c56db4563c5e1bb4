"""The files of `deploy/` that need no proxy: units of systemd, PgBouncer, containers."""

import getpass
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from project import paths
from tests.live.person import Person
from tests.live.stack import Stack, doctor, free_port, until

DEPLOY = paths.BASE_DIR / "deploy"
EXPOSURE = 2.0
"""Of 10, as `systemd-analyze security` measures what a service could do to the machine."""


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_units_are_sound_and_can_do_little_harm(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        name = unit.name.replace("web@.", "web@8001.")
        (tmp_path / name).write_text(unit.read_text().replace("/opt/bellwire", str(paths.BASE_DIR)))
    shutil.copy(tmp_path / "bellwire-web@8001.service", tmp_path / "bellwire-web@8002.service")
    units = sorted(str(path) for path in tmp_path.iterdir())
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    services = [unit for unit in units if unit.endswith(".service")]
    command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE * 10:.0f}"]
    for service in services:
        judged = subprocess.run([*command, service], capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout[-300:]


def test_the_image_has_all_that_the_site_needs() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    named = {name for names in copied for name in names.split()}
    needed = {"manage.py", "celery_app.py", "requirements.txt", "project", "notifications", "messaging", "templates"}
    assert named == needed
    assert all((paths.BASE_DIR / name).exists() for name in named)


@contextmanager
def pgbouncer(directory: Path, server: str) -> Iterator[str]:
    """Run PgBouncer in transaction mode before a PostgreSQL; yield the address of an empty database through it."""
    port, database = free_port(), f"bellwire_{uuid.uuid4().hex[:12]}"
    to = urlsplit(server)
    own = f"host={to.hostname} port={to.port or 5432} user={to.username}"
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": 5,
        "unix_socket_dir": "",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    # It refuses to be root, and whoever it is instead must be able to read its file.
    user = ["-u", "nobody"] if getpass.getuser() == "root" else []
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file, (directory / "pgbouncer.log").open("w") as log:
        file.write(f"[databases]\n* = {own}\n[pgbouncer]\n{lines}")
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        with psycopg.connect(server, autocommit=True) as administrator:
            administrator.execute(f"CREATE DATABASE {database}")
            with subprocess.Popen(["pgbouncer", *user, file.name], stderr=log) as process:
                try:
                    until(lambda: "process up" in (directory / "pgbouncer.log").read_text())
                    yield f"postgres://{to.username}@127.0.0.1:{port}/{database}"
                finally:
                    process.terminate()
            administrator.execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.mark.live
@pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="needs PostgreSQL (TEST_DATABASE_URL)")
@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="needs pgbouncer on PATH")
def test_all_of_the_site_works_behind_pgbouncer(code: Path, tmp_path: Path) -> None:
    server = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path="/postgres").geturl()
    with pgbouncer(tmp_path, server) as url, Stack(code, tmp_path / "state", DATABASE_URL=url) as stack:
        alice, bob = Person(stack, "alice"), Person(stack, "bob")
        chat = alice.chat("General")
        with bob.socket(bob.own_stream) as bell, alice.socket(alice.own_stream) as tasks:
            bell.frames_until("cursor-user")
            for number in range(20):
                text = f"@bob number {number}?"
                alice.post(f"/chats/{chat}/messages/", {"body": text, "client_id": str(uuid.uuid4())})
                bell.frames_until(text, timeout=10)
            alice.post(f"/chats/{chat}/exports/")
            tasks.frames_until("is-succeeded", timeout=30)
        assert doctor(stack)[0] == 0
        assert "Traceback" not in stack.log
