"""The people of every test: alice and bob are members, carol is an outsider."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client

from messaging.models import Chat
from notifications import queue
from notifications.limits import cache as shared
from notifications.live import door
from notifications.relay import database
from notifications.testing import Event, captured_pushes
from project import hashing, paths


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> None:
    """Have no `Client` begin with a list of all static files, which takes longer than most pages."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def passwords_one_after_the_other() -> None:
    """Hash passwords as on a site, but without a pause from one to the next."""
    hashing.PACE_SECONDS = 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database: on a second kind of database, the rest need not run again."""
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep SQLite's test database in a file: one in memory cannot be shared by threads as a real one is."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(paths.state_dir() / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def relay_threads(django_db_setup: None) -> Iterator[None]:
    """Have the relay's and asgiref's threads give their connections back: a database in use cannot be removed."""
    yield
    workers = database.readers._max_workers
    everybody = threading.Barrier(workers)

    def close() -> None:
        everybody.wait(timeout=10)
        connections.close_all()

    for done in [database.readers.submit(close) for _ in range(workers)]:
        done.result()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
    _end_other_sessions()


def _end_other_sessions() -> None:
    # Of threads that have ended, but whose connection the collector of garbage has not come to yet.
    settings = connection.settings_dict
    if connection.vendor == "postgresql":
        with psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"] or None,
            user=settings["USER"],
            password=settings["PASSWORD"] or None,
            dbname="postgres",
            autocommit=True,
        ) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [settings["NAME"]]
            )


@pytest.fixture(autouse=True)
def closed_breaker() -> None:
    """Begin each test with a Redis that counts as well, and in which nothing is counted yet."""
    door._breaker.failures = queue._breaker.failures = shared._breaker.failures = 0
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    """A member, and the owner of the rooms."""
    return User.objects.create_user("alice", first_name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    """A member."""
    return User.objects.create_user("bob", first_name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    """An outsider: signed in, and a member of nothing."""
    return User.objects.create_user("carol", first_name="Carol")


@pytest.fixture
def private(alice: User, bob: User, carol: User) -> Chat:
    """A private room of alice and bob."""
    chat = Chat.objects.start(alice, "Launch", Chat.Kind.PRIVATE)
    chat.admit(bob)
    return chat


@pytest.fixture
def room(alice: User, bob: User, carol: User) -> Chat:
    """An open room that alice and bob have joined."""
    chat = Chat.objects.start(alice, "General", Chat.Kind.OPEN)
    chat.admit(bob)
    return chat


@pytest.fixture
def pushes(django_capture_on_commit_callbacks: object) -> Iterator[list[Event]]:
    """What leaves for the channel layer."""
    with captured_pushes() as events:
        yield events


@pytest.fixture
def templates(tmp_path: Path, settings: Any) -> Path:
    """A directory for templates of the test's own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    return tmp_path


def signed_in(user: User) -> Client:
    """Return a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client
