"""The worked example of docs/developer.md, and tasks for it, as an app of a Bellwire that a test runs."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SETTINGS = """
from project.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "kitchen"]
ROOT_URLCONF = "example_urls"
"""
URLS = """
from django.urls import include, path

from project.urls import *

urlpatterns = [*urlpatterns, path("kitchen/", include("kitchen.urls"))]
"""
TASKS = """
from celery import shared_task

from kitchen.models import Board
from notifications.push import EVERYBODY, update


@shared_task
def cook(board_pk):
    Board.objects.get(pk=board_pk).orders.create(dish="Cooked by a task")


@shared_task
def call(times):
    for number in range(times):
        update(EVERYBODY, "#toasts", "kitchen/call.html", {"number": number})
"""
CALL = "<p>call {{ number }}.</p>"
SHELL = """
import json, sys, traceback

import django

django.setup()
from notifications.live import door

door.SEND_TIMEOUT = 10  # a machine that runs tests may be slow
for line in sys.stdin:
    names = {"answer": None}
    try:
        exec(json.loads(line), names)
        print(json.dumps(["", names["answer"]]), flush=True)
    except Exception:
        print(json.dumps([traceback.format_exc(), None]), flush=True)
"""
MODULE = "example_settings"
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": MODULE}


def files() -> dict[str, str]:
    """Return what the page says is in the files of the example."""
    text = (ROOT / "docs/developer.md").read_text()
    return dict(re.findall(r'```\w+ title="(kitchen/[^"]+)"\n(.*?)```', text, re.DOTALL))


def install(code: Path, **more: str) -> dict[str, str]:
    """Put the app beside a copy of the code, with `more` settings; return the environment that makes a site use it."""
    lines = "".join(f"{name} = {value}\n" for name, value in more.items())
    written = {
        "kitchen/__init__.py": "",
        "kitchen/tasks.py": TASKS,
        "kitchen/templates/kitchen/call.html": CALL,
        f"{MODULE}.py": SETTINGS + lines,
        "example_urls.py": URLS,
        **files(),
    }
    for name, content in written.items():
        path = code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    run(code, ENVIRONMENT, "-m", "django", "makemigrations", "kitchen", "--verbosity=0")
    return ENVIRONMENT


def run(code: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run Python in the copy of the code; return what it prints."""
    told = subprocess.run(
        [sys.executable, *arguments],
        cwd=code,
        env=_env(code, environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


@contextmanager
def shell(code: Path, environment: dict[str, str]) -> Iterator[Callable[[str], Any]]:
    """Open a shell of a developer's, a process beside the site's, that returns the `answer` of what it is given."""
    command = [sys.executable, "-c", SHELL]
    with subprocess.Popen(
        command, cwd=code, env=_env(code, environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        given, told = process.stdin, process.stdout

        def do(text: str) -> Any:
            given.write(json.dumps(text) + "\n")
            given.flush()
            error, answer = json.loads(told.readline())
            assert not error, error
            return answer

        yield do
        given.close()


def _env(code: Path, environment: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **environment, "PYTHONPATH": f"{code}:{ROOT}"}
