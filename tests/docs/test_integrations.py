"""Each `curl` line of docs/integrations.md is run as it stands, and is answered as the page says."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project.api import api
from tests.docs.example import ROOT
from tests.live.stack import UNLIMITED, Stack
from tests.live.test_api import token

pytestmark = pytest.mark.live
LINE = re.compile(r'```sh title="([^"]+)" answers=(\d+)\n(.*?)\n```', re.DOTALL)


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(code, tmp_path_factory.mktemp("integrations") / "state", LIMITS=UNLIMITED) as running:
        yield running


def run(line: str, variables: dict[str, str]) -> tuple[int, str, Any]:
    """Run a line by a shell; return status, content type and what was said."""
    # As `curl` writes what it is asked to behind the answer.
    written = r"""-s -w '\n%{http_code} %{content_type}'"""
    command = line.replace("curl ", f"curl {written} ", 1)
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "no_proxy": "*", **variables}
    told = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True, check=True)
    body, _, last = told.stdout.rpartition("\n")
    status, _, content_type = last.partition(" ")
    return int(status), content_type, json.loads(body) if "json" in content_type else body


def bot_token(site: Stack) -> str:
    make = "from messaging.models import Bot; Bot.objects.make('deploys', 'Deploys', None)"
    subprocess.run([sys.executable, "manage.py", "shell", "-c", make], cwd=site.code, env=site.env, check=True)
    return token(site, "deploys", "read", "write")


def test_every_line_does_what_the_page_says(site: Stack, tmp_path: Path) -> None:
    lines = LINE.findall((ROOT / "docs/integrations.md").read_text())
    assert len(lines) > 25
    (tmp_path / "log.txt").write_text("No space left\n")
    (tmp_path / "large.json").write_text(json.dumps({"text": "x" * 2**21}))
    known = {
        "SITE": site.url,
        "TOKEN": token(site, "alice"),
        "BOT": bot_token(site),
        "READER": token(site, "alice", "read"),
        "FILE": str(tmp_path / "log.txt"),
        "LARGE": str(tmp_path / "large.json"),
    }
    for title, expected, line in lines:
        status, content_type, said = run(line, known)
        assert status == int(expected), f"{title}: {said}"
        if status >= 400:
            assert content_type == "application/problem+json", title
            assert said["status"] == status
        if title == "The chats one is in":
            known["CHAT"] = str(next(chat["id"] for chat in said["chats"] if chat["kind"] == "open"))
        if title == "Post a message":
            known["MESSAGE"] = str(said["id"])
        if title == "Post files":
            known["KEY"] = said["files"][0]["key"]
        if title == "Fetch a file":
            assert said == "No space left\n"
        if title == "Show that some work has begun":
            known["JOB"] = str(said["id"])


def method_of(line: str) -> str:
    """Return by which method `curl` asks."""
    said = re.search(r"-X (\w+)", line)
    return said[1] if said else "POST" if re.search(" -[dF] ", line) else "GET"


def test_every_operation_has_its_line() -> None:
    shown = [line for _, _, line in LINE.findall((ROOT / "docs/integrations.md").read_text())]
    for path, operations in api.get_openapi_schema()["paths"].items():
        address = re.compile(re.sub(r"\\{\w+\\}", r"[$:\\w]+", re.escape(path)) + r'[?"]')
        for method in operations:
            found = [line for line in shown if address.search(line) and method_of(line) == method.upper()]
            assert found, f"{method} {path}"
