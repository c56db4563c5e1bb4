"""Crowds through real processes: very many people do the same at once, and pages hear of it a few times a second."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.reactions.part import NAMED
from tests.live.person import Person
from tests.live.stack import Stack

MANY = 1_000
REACT = f"""
from concurrent.futures import ThreadPoolExecutor
from django.contrib.auth.models import User
from django.db import close_old_connections
from messaging.models import Message
from messaging.reactions.part import react
users = User.objects.bulk_create(User(username=f"person{{number}}") for number in range({MANY}))
def one(user):
    react(Message.objects.select_related("chat").get(pk={{pk}}), user, "🎉")
    close_old_connections()
with ThreadPoolExecutor(4) as threads:
    list(threads.map(one, users))
"""


@pytest.fixture(scope="module")
def site(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Bellwire of its own: the crowd is in nobody else's way."""
    with Stack(code, tmp_path_factory.mktemp("crowds") / "var", ["prepared"]) as running:
        yield running


def test_a_thousand_people_react_at_once_and_each_page_ends_right_after_few_frames(site: Stack) -> None:
    alice = Person(site, "alice")
    general = alice.chat("General")
    with alice.page(f"/chats/{general}/") as hers:
        alice.post(f"/chats/{general}/messages/", {"body": "We have launched!"})
        (pk,) = re.findall(r'id="message-(\d+)"', hers.frames_until("We have launched!")[-1])
        began = time.monotonic()
        command = [sys.executable, "manage.py", "shell", "--command", REACT.replace("{pk}", pk)]
        with subprocess.Popen(command, cwd=site.code, env=site.env) as crowd:
            frames = hers.frames_until(f"{MANY - NAMED} others", timeout=120)
            took = time.monotonic() - began
        assert crowd.returncode == 0
    assert len(frames) <= 4 * took + 2
    assert "<b>1000</b>" in frames[-1]
