"""docs/operator.md, "On the internet": its commands are run, as far as they are not about the machine itself."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from project import paths
from tests.live.stack import copy_code

SITE = "talk.example.org"
ABOUT_THE_MACHINE = ("apt", "adduser", "systemctl", "editor", "createuser", "createdb", "git", "certbot")
STUB = '#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\n'


def commands() -> str:
    page = (paths.BASE_DIR / "docs" / "operator.md").read_text()
    found = re.search(r"## On the internet\n.*?```bash\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def program(directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text)
    (directory / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """What Debian has after the first commands, below a directory: the code, files of services, our stand-ins."""
    copy_code(tmp_path / "opt" / "bellwire")
    (tmp_path / "opt" / "bellwire" / ".venv").symlink_to(paths.BASE_DIR / ".venv")
    for name in ("redis", "systemd/system", "nginx/sites-available", "nginx/sites-enabled", f"letsencrypt/live/{SITE}"):
        (tmp_path / "etc" / name).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name in ABOUT_THE_MACHINE:
        program(tmp_path / "bin", name, STUB)
    # As somebody else, and with the group of somebody else, is the machine's business, too.
    program(tmp_path / "bin", "runuser", '#!/bin/sh\nshift 3\nexec "$@"\n')
    program(tmp_path / "bin", "install", '#!/bin/sh\nexec /usr/bin/install $(echo "$@" | sed "s/-g bellwire//")\n')
    program(tmp_path / "bin", "nginx", STUB)
    return tmp_path


def run(machine: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    for place in ("/opt/bellwire", "/etc/"):
        script = re.sub(rf"(?<![\w/]){re.escape(place)}", f"{machine}{place}", script)
    own = {"PATH": f"{machine / 'bin'}:{os.environ['PATH']}", "HOME": str(machine), "CALLS": str(machine / "calls")}
    return subprocess.run(
        ["bash", "-euc", script],
        cwd=machine,
        env={**own, **environment},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_the_commands_of_the_page_make_a_site(machine: Path) -> None:
    setting_up, _, using = commands().replace("chat.example.org\n", f"{SITE}\n", 1).partition("# Your own account")
    done = run(machine, setting_up)
    assert done.returncode == 0, done.stderr
    calls = (machine / "calls").read_text()
    for call in ("git clone", "createdb --owner bellwire bellwire", "enable --now bellwire.target", f"--domain {SITE}"):
        assert call in calls
    assert (
        'unixsocket /run/redis/redis-server.sock\nunixsocketperm 770\nsave ""\n'
        in (machine / "etc/redis/redis.conf").read_text()
    )
    units = {path.name for path in (paths.BASE_DIR / "deploy" / "systemd").iterdir()}
    assert {path.name for path in (machine / "etc/systemd/system").iterdir()} == units
    site = (machine / "etc/nginx/sites-enabled/bellwire").read_text()
    assert f"ssl_certificate /etc/letsencrypt/live/{SITE}/fullchain.pem;" in site
    assert "chat.example.org" not in re.sub("#.*", "", site)
    settings = machine / "etc/bellwire/bellwire.env"
    assert settings.stat().st_mode & 0o007 == 0
    assert f"ALLOWED_HOSTS={SITE}\n" in settings.read_text()

    # Database, state and Redis are the machine's: here they are the test's own.
    program(machine / "opt/bellwire/deploy", "manage", _moved(machine, settings))
    migrated = run(machine, "/opt/bellwire/deploy/manage migrate --verbosity=0")
    assert migrated.returncode == 0, migrated.stderr
    by_hand, *_ = using.partition("\n")[2].partition("deploy/manage push_doctor")
    by_hand = by_hand.replace("createsuperuser", "createsuperuser --noinput --username=alice --email=")
    first = run(machine, f"cd /opt/bellwire; {by_hand}", DJANGO_SUPERUSER_PASSWORD="a-good-long-one")
    assert first.returncode == 0, first.stderr
    assert "Superuser created successfully." in first.stdout
    assert f"https://{SITE}/accounts/signup/" in first.stdout


def _moved(machine: Path, settings: Path) -> str:
    text = (paths.BASE_DIR / "deploy" / "manage").read_text()
    text = text.replace("/etc/bellwire", f"{machine}/etc/bellwire").replace("/opt/bellwire", f"{machine}/opt/bellwire")
    own = f"STATE_DIR={machine}/state\nDATABASE_URL=sqlite:///{machine}/site.sqlite3\n"
    settings.write_text(settings.read_text() + own)
    return text
