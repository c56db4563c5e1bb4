"""Many threads that write to SQLite at once: each has its turn. And what is like what."""

import contextlib
import copy
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import OperationalError, connections

from project.sqlite3 import base
from project.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.django_db
THREADS = 20
Connect = Callable[[], contextlib.AbstractContextManager[DatabaseWrapper]]


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    """Open connections to a database of this test's own; they hardly wait for its file."""
    settings = copy.deepcopy(connections.settings["default"])
    options = {"transaction_mode": "IMMEDIATE", "timeout": 0.01, "init_command": "PRAGMA journal_mode=WAL"}
    settings |= {"NAME": str(tmp_path / "turns.sqlite3"), "OPTIONS": options}

    @contextlib.contextmanager
    def connect() -> Iterator[DatabaseWrapper]:
        with contextlib.closing(DatabaseWrapper(settings, alias="turns")) as connection:
            yield connection

    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE line (number INTEGER)")
    return connect


@pytest.mark.parametrize(
    ("value", "pattern", "is_like"),
    [
        ("Äpfel", "%äPF%", True),
        ("ΟΔΌΣ", "%οδός%", True),
        ("STRASSE", "%straße%", True),
        ("100 %", "%0 \\%%", True),
        ("100 percent", "%0 \\%%", False),
        ("a.c", "a_c", True),
        ("a\nc", "A%C", True),
        ("abc", "a.c", False),
        ("a\\b", "%\\\\%", True),
        ("12", "1%", True),
    ],
)
def test_like_knows_all_letters_and_takes_what_is_escaped_as_it_is(
    connect: Connect, value: str, pattern: str, is_like: bool
) -> None:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(r"SELECT %s LIKE %s ESCAPE '\'", [value, pattern])
        assert cursor.fetchone() == (is_like,)
        cursor.execute(r"SELECT NULL LIKE %s ESCAPE '\'", [pattern])
        assert cursor.fetchone() == (None,)


def begin(connection: DatabaseWrapper) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO line VALUES (1)")


def count(connection: DatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM line").fetchone()[0])


def test_who_writes_at_the_same_time_waits_for_the_others_and_not_for_the_file(connect: Connect) -> None:
    everybody = threading.Barrier(THREADS)

    def write() -> None:
        with connect() as connection:
            everybody.wait(timeout=20)
            begin(connection)
            # Longer than anybody waits for the file.
            time.sleep(0.02)
            connection.commit()

    with ThreadPoolExecutor(THREADS) as pool:
        for writing in [pool.submit(write) for _ in range(THREADS)]:
            writing.result()
    with connect() as connection:
        assert count(connection) == THREADS


@pytest.mark.parametrize("end", [DatabaseWrapper.commit, DatabaseWrapper.rollback, DatabaseWrapper.close])
def test_however_a_transaction_ends_the_next_has_its_turn(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, end: Callable[[DatabaseWrapper], None]
) -> None:
    monkeypatch.setattr(base, "TURN_SECONDS", 0.01)
    with connect() as first, connect() as second:
        begin(first)
        with pytest.raises(OperationalError, match="locked"):
            begin(second)
        end(first)
        begin(second)
        second.commit()


def test_a_transaction_that_cannot_begin_keeps_nobody_waiting(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "TURN_SECONDS", 0.01)
    with connect() as first, connect() as second:
        # Another process writes, which knows nothing of the turns in this one.
        with contextlib.closing(sqlite3.connect(first.settings_dict["NAME"])) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                begin(first)
        begin(second)
        second.commit()
