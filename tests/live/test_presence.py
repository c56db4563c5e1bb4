"""Who is online, while web servers come and go: a restart of one after the other hides nobody, silence everybody."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.live.person import Person
from tests.live.stack import Stack, until

SILENT_SECONDS = 45
SURE_SECONDS = 30
"""From the begin of a site, until it takes anybody for gone."""


@contextmanager
def looking(*people: Person) -> Iterator[None]:
    """Have each of these look at a page that speaks as ours do, and tries again soon when nobody answers."""
    over = threading.Event()

    def look(person: Person) -> None:
        for turn in count():
            word = {"page": "a" * 16, "way": "visible", "turn": turn}
            answered = False
            with suppress(httpx.TransportError):
                answered = person.post("/presence/", word).status_code == 200
            if over.wait(20 if answered else 3):
                return

    threads = [threading.Thread(target=look, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_rolling_restart_hides_nobody_and_a_killed_server_leaves_nobody_online(code: Path, tmp_path: Path) -> None:
    with Stack(code, tmp_path / "state", WEB_PROCESSES="2", SERVER="uvicorn") as stack:
        alice, bob = Person(stack, "alice"), Person(stack, "bob")

        def web_servers() -> list[int]:
            return stack.processes()["uvicorn"]

        def shown() -> dict[str, str]:
            word = {"page": "b" * 16, "way": "visible", "turn": int(time.monotonic() * 1000), "people": bob_pk}
            answer: dict[str, str] = alice.post("/presence/", word).json()["people"]
            return answer

        bob_pk = bob.own_stream.strip("/").rpartition("/")[2]
        with looking(bob):
            until(lambda: shown() == {bob_pk: "online"})
            began = time.monotonic()
            for pid in web_servers():
                os.kill(pid, signal.SIGTERM)
                until(lambda pid=pid: len(set(web_servers()) - {pid}) == 2, timeout=40)  # type: ignore[misc]
                until(lambda: stack.readyz() == "ready\n")
            states = set()
            while time.monotonic() - began < SURE_SECONDS + SILENT_SECONDS / 3:
                with suppress(httpx.TransportError):
                    states.add(shown()[bob_pk])
                time.sleep(1)
            assert states == {"online"}
        os.kill(web_servers()[0], signal.SIGKILL)

        def is_gone() -> bool:
            # What the killed one was answering is lost with it.
            with suppress(httpx.TransportError):
                return shown() == {bob_pk: "offline"}
            return False

        until(is_gone, timeout=SILENT_SECONDS)
