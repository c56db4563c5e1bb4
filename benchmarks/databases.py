"""The databases that a benchmark runs on: SQLite, and PostgreSQL where there is one."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

SQLITE, POSTGRESQL = NAMES = ("sqlite", "postgresql")


def add_arguments(command: argparse.ArgumentParser, default: str) -> None:
    """Let the caller choose the databases and say where PostgreSQL is."""
    command.add_argument("--databases", type=names, default=default, help=f"a list of {', '.join(NAMES)}")
    command.add_argument(
        "--database-url",
        default=os.environ.get("TEST_DATABASE_URL", ""),
        help="a PostgreSQL server, on which a database is made and removed again (default: TEST_DATABASE_URL)",
    )


def names(text: str) -> list[str]:
    """Return the databases in a list with commas."""
    found = text.split(",")
    if unknown := set(found) - set(NAMES):
        raise argparse.ArgumentTypeError(f"no such database: {', '.join(sorted(unknown))}")
    return found


def answering(wanted: list[str], url: str) -> list[str]:
    """Return those that can be used here, and say which cannot."""
    if POSTGRESQL in wanted and (lack := lacks(url)):
        print(f"{POSTGRESQL}: left out, {lack}", file=sys.stderr)
        return [name for name in wanted if name != POSTGRESQL]
    else:
        return wanted


def lacks(url: str) -> str:
    """Return why there is no PostgreSQL to be used at this address, or an empty string."""
    if not url:
        return "nothing names a server, see TEST_DATABASE_URL"
    try:
        psycopg.connect(_at(url, "postgres"), connect_timeout=5).close()
    except psycopg.Error as error:
        return str(error)
    return ""


@contextmanager
def fresh(name: str, url: str) -> Iterator[str]:
    """Make an empty PostgreSQL database, remove it at the end; the URL is empty for SQLite, which needs none."""
    if name == SQLITE:
        yield ""
        return
    database = f"bellwire_bench_{os.getpid()}"
    with psycopg.connect(_at(url, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
        try:
            yield _at(url, database)
        finally:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _at(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()
