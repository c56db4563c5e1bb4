"""Django's SQLite backend, which knows upper and lower case of all letters, and whose transactions wait in turn.

SQLite itself lets who finds the file locked try again after a while, up to 100 ms later, and whoever happens to try at
the right moment goes first. When many post at once, some starve until their time-out. With a turn for each process, the
file is contended by a web server or two and the worker, and not by a hundred threads.
"""

import sqlite3
import threading
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.sqlite3 import base

from project.sqlite3.like import like

TURN_SECONDS = 20.0
"""How long a transaction waits for the others of its process."""

OLDEST = (3, 35)
"""The first that returns what an UPDATE has changed (2021)."""

if sqlite3.sqlite_version_info < OLDEST:
    raise ImproperlyConfigured(f"SQLite 3.35 or newer is needed; this is {sqlite3.sqlite_version}.")

_turns: dict[str, threading.Lock] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that takes the turn of its process before it begins a transaction."""

    has_turn = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        for arguments in (2, 3):
            connection.create_function("like", arguments, like, deterministic=True)
        return connection

    @property
    def _turn(self) -> threading.Lock:
        return _turns.setdefault(str(self.settings_dict["NAME"]), threading.Lock())

    def _start_transaction_under_autocommit(self) -> None:
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise OperationalError("database is locked: the transactions before this one take too long")
        self.has_turn = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        # Not if it fails: a rollback follows.
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        if self.has_turn:
            self.has_turn = False
            self._turn.release()
