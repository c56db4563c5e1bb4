"""Settings for a server whose queries are counted: those of the project, and a counter on every connection."""

from typing import Any

from django.db.backends.signals import connection_created

from benchmarks.counters import Counter
from project import paths
from project.settings import *  # noqa: F403

_queries = Counter(paths.state_dir(), "queries")


def _count(execute: Any, *args: Any) -> Any:
    _queries.add()
    return execute(*args)


def _watch(connection: Any, **_: Any) -> None:
    # The same object connects again and again.
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


# Not weakly: a settings module is read once and then let go of.
connection_created.connect(_watch, weak=False)
